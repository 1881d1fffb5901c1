"""
Grids of cells, and how they grow.
"""
module Grid

using LinearAlgebra
export Cell, step!, neighbours

const SIZE = 64

abstract type AbstractCell end

"A cell with its age."
struct Cell{T<:Real} <: AbstractCell
    age::T
    alive::Bool
end

mutable struct World
    cells::Matrix{Cell}
    generation::Int

    World(n::Integer) = new(fill(Cell(0, false), n, n), 0)
end

@enum Border wrap clip

Cell() = Cell(0, false)

area(world::World) = length(world.cells)

"""
    neighbours(world, i, j)

How many of the cells around are alive.
"""
function neighbours(world::World, i::Int, j::Int; border=wrap)::Int
    count = 0
    for di in -1:1, dj in -1:1
        (di, dj) == (0, 0) && continue
        count += alive(world, i + di, j + dj, border) ? 1 : 0
    end
    return count
end

function Base.show(io::IO, world::World)
    print(io, "World at generation ", world.generation)
end

function step!(world::World)
    rule(cell, n) = n == 3 || (cell.alive && n == 2)
    world.generation += 1
    return map(rule, world.cells)
end

macro timed_step(world)
    return quote
        @elapsed step!($(esc(world)))
    end
end

end # module
