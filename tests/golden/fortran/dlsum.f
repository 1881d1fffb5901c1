*> \brief DLSUM sums the logarithms of a vector, as one would by hand.
*
*  The first N elements of X are taken, INCX apart.
*
      SUBROUTINE DLSUM( N, X, INCX, TOTAL,
     $                  INFO )
*     .. Scalar arguments ..
      INTEGER            INCX, INFO, N
      DOUBLE PRECISION   TOTAL
      DOUBLE PRECISION   X( * )
      PARAMETER          ( ZERO = 0.0D+0 )
      INTEGER            I, IX
      INFO = 0
      TOTAL = ZERO
      IF( N.LT.0 ) THEN
         INFO = -1
      ELSE IF( INCX.EQ.0 ) THEN
         INFO = -3
      END IF
      IF( INFO.NE.0 ) THEN
         CALL XERBLA( 'DLSUM ! no comment', -INFO )
         RETURN
      END IF
      IX = 1
      DO 10 I = 1, N
         TOTAL = TOTAL + LOG( X( IX ) )  ! natural ones
C        between two cards of a statement
     $                 + ZERO
         IX = IX + INCX
   10 CONTINUE
      RETURN
      END

C     Whether A and B are the same letter.
      LOGICAL          FUNCTION LSAME2( A, B )
      CHARACTER          A, B
      LSAME2 = A.EQ.B .OR. ICHAR( A ).EQ.ICHAR( B ) + 32
     1    .OR. ICHAR( B ).EQ.ICHAR( A ) + 32
      END

      BLOCK DATA LSDATA
      COMMON /LSCOM/ COUNT
      INTEGER COUNT
      DATA COUNT /0/
      END
