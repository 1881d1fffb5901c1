# Weighted summaries of a survey.

library(stats)

DEFAULT_LEVEL <- 0.95

#' Weighted mean with its standard error.
#'
#' @param x values
#' @param w weights, recycled
#' @return a list of `mean` and `se`
#' @export
weighted_mean <- function(x, w = rep(1, length(x))) {
  stopifnot(length(x) == length(w))
  keep <- !is.na(x) & !is.na(w)
  x <- x[keep]
  w <- w[keep] / sum(w[keep])
  mean <- sum(w * x)
  list(mean = mean, se = sqrt(sum(w^2 * (x - mean)^2)))
}

print.survey <- function(object, ...) {
  cat("survey of", nrow(object$data), "answers\n")
  invisible(object)
}

normalise = function(x) (x - min(x)) / diff(range(x))

setClass("Panel", representation(id = "character", waves = "list"))

setGeneric("waves", function(object, ...) standardGeneric("waves"))

setMethod("waves", "Panel", function(object, ...) {
  object@waves
})

Account <- R6::R6Class("Account",
  public = list(
    balance = 0,
    deposit = function(amount) {
      self$balance <- self$balance + amount
      invisible(self)
    }
  )
)

# The interval in which the mean lies.
interval <- function(x, level = DEFAULT_LEVEL) {
  fit <- weighted_mean(x)
  half <- function(p) qnorm((1 + p) / 2) * fit$se
  c(lower = fit$mean - half(level), upper = fit$mean + half(level))
}

"%||%" <- function(a, b) if (is.null(a)) b else a
