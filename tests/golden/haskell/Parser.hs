{-# LANGUAGE LambdaCase #-}
{-# LANGUAGE GADTs #-}

-- | A small parser of expressions.
module Data.Calc.Parser
  ( Parser (..)
  , Expr (..)
  , expression
  , evaluate
  ) where

import Control.Applicative (Alternative (..))
import Data.Char (isDigit, isSpace)
import qualified Data.Map.Strict as Map

-- | What is left of the input, or why it was refused.
type Result a = Either Error (a, String)

-- | Why a text is no expression.
data Error
  = Unexpected Char
  | EndOfInput
  | Unbound { name :: String, position :: !Int }
  deriving (Eq, Show)

-- | Something that takes a value from the front of a text.
newtype Parser a = Parser { runParser :: String -> Result a }

data Expr
  = Number Integer
  | Variable String
  | Binary Operator Expr Expr
  deriving (Eq, Show)

data Operator = Plus | Minus | Times
  deriving (Eq, Show, Enum, Bounded)

data Typed a where
  IntLit :: Integer -> Typed Integer
  BoolLit :: Bool -> Typed Bool

-- | Things that can be printed back.
class Pretty a where
  pretty :: a -> String
  pretty _ = "?"

  prettyList :: [a] -> String
  prettyList = concatMap pretty

instance Functor Parser where
  fmap f (Parser run) = Parser $ \input -> case run input of
    Left failure -> Left failure
    Right (value, rest) -> Right (f value, rest)

instance Applicative Parser where
  pure value = Parser $ \input -> Right (value, input)
  Parser left <*> Parser right = Parser $ \input -> do
    (f, rest) <- left input
    (value, final) <- right rest
    Right (f value, final)

instance Pretty (Maybe Expr) where
  pretty = \case
    Nothing -> "nothing"
    Just expr -> show expr

infixl 4 <~>

-- | Runs one parser after another, and keeps what the first gave.
(<~>) :: Parser a -> Parser b -> Parser a
left <~> right = const <$> left <*> right

-- | Takes one character that fits.
satisfy :: (Char -> Bool) -> Parser Char
satisfy fits = Parser $ \case
  [] -> Left EndOfInput
  (c : rest)
    | fits c -> Right (c, rest)
    | otherwise -> Left (Unexpected c)

-- | The value of an expression, with variables from an environment.
evaluate :: Map.Map String Integer -> Expr -> Either Error Integer
evaluate _ (Number value) = Right value
evaluate env (Variable variable) =
  maybe (Left (Unbound variable 0)) Right (Map.lookup variable env)
evaluate env (Binary operator left right) = apply operator <$> go left <*> go right
  where
    go = evaluate env
    apply Plus = (+)
    apply Minus = (-)
    apply Times = (*)

expression :: Parser Expr
expression = Number . read <$> digits
  where
    digits = (:) <$> satisfy isDigit <*> pure []

main :: IO ()
main = do
  line <- getLine
  print (runParser expression (dropWhile isSpace line))
