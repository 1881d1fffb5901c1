!> Heat in a rod, by explicit differences.
!!
!! The ends of the rod keep their temperature.
module heat
  use, intrinsic :: iso_fortran_env, only: real64, error_unit
  implicit none
  private

  !> Kind of all temperatures.
  integer, parameter, public :: wp = real64
  integer, save :: steps_taken = 0, refusals = 0
  real(wp), public, parameter :: ROOM = 293.15_wp

  enum, bind(c)
    enumerator :: FIXED = 1, INSULATED
  end enum

  !> What a rod is made of.
  type, public :: material
    real(wp) :: conductivity = 1.0_wp  !! W/(m K)
    real(wp) :: density, capacity
  end type material

  !> A rod, cut into cells of the same length.
  type, extends(material), public :: rod
    private
    real(wp), allocatable :: cells(:)
      !! Temperature of each cell.
    real(wp) :: dx = 0.01_wp
    procedure(source), pointer, nopass :: heater => null()
  contains
    procedure, public :: step => rod_step
    procedure :: mean
    generic, public :: operator(+) => join
    procedure, private :: join
    final :: forget
  end type rod

  abstract interface
    !> Heat that comes in from outside, in W.
    pure function source(x, t) result(power)
      import :: wp
      real(wp), intent(in) :: x, t
      real(wp) :: power
    end function source
  end interface

  interface rod
    module procedure new_rod
  end interface rod

  interface operator(.near.)
    module procedure is_near
  end interface

  interface
    module subroutine report(self, unit)
      class(rod), intent(in) :: self
      integer, intent(in), optional :: unit
    end subroutine report
  end interface

contains

  !> A rod at room temperature.
  function new_rod(n, dx) result(self)
    integer, intent(in) :: n
    real(wp), intent(in) :: dx
    type(rod) :: self

    allocate (self%cells(n), source=ROOM)
    self%dx = dx
  end function new_rod

  !> One step of time.
  !! Stable only for a small enough `dt`.
  subroutine rod_step(self, dt, &
                      stat)
    class(rod), intent(inout) :: self
    real(wp), intent(in) :: dt
    integer, intent(out) :: stat
    real(wp) :: factor
    integer :: i

    factor = self%conductivity*dt/(self%density*self%capacity*self%dx**2)
    stat = merge(1, 0, factor > 0.5_wp)
    if (stat /= 0) then
      refusals = refusals + 1
      write (error_unit, '(a)') 'step: dt is too large & unstable'
      return
    end if
    do concurrent (i = 2:size(self%cells) - 1)
      call advance(self%cells(i))
    end do
    steps_taken = steps_taken + 1

  contains

    subroutine advance(cell)
      real(wp), intent(inout) :: cell
      cell = cell + factor*laplacian(i)
    end subroutine advance

    pure real(wp) function laplacian(at)
      integer, intent(in) :: at
      laplacian = self%cells(at - 1) - 2*self%cells(at) + self%cells(at + 1)
    end function laplacian

  end subroutine rod_step

  elemental logical function is_near(a, b)
    real(wp), intent(in) :: a, b
    is_near = abs(a - b) < 1e-9_wp
  end function is_near

  pure function mean(self)
    class(rod), intent(in) :: self
    real(wp) :: mean
    mean = sum(self%cells)/max(1, size(self%cells))
  end function mean

  function join(left, right) result(both)
    class(rod), intent(in) :: left, right
    type(rod) :: both
    both = rod(size(left%cells) + size(right%cells), left%dx)
  end function join

  subroutine forget(self)
    type(rod), intent(inout) :: self
    if (allocated(self%cells)) deallocate (self%cells)
  end subroutine forget

end module heat

submodule (heat) heat_report
contains
  module procedure report
    integer :: out
    out = error_unit
    if (present(unit)) out = unit
    write (out, *) self%mean(), steps_taken
  end procedure report
end submodule heat_report

program demo
  use heat, only: rod, report_it => report
  implicit none
  type(rod) :: r
  integer :: stat

  r = rod(100, 0.01_8)
  call r%step(1e-3_8, stat)
end program demo
