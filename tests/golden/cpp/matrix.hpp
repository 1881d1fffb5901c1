#pragma once

#include <array>
#include <cstddef>

#define MATRIX_API __attribute__((visibility("default")))

namespace linear::detail {

/// Whether T can be an element.
template <typename T>
concept Element = requires(T a) { a + a; };

constexpr double epsilon = 1e-9;

}  // namespace linear::detail

namespace linear {

enum class Order { row_major, column_major };

template <typename T>
using Scalar = T;

/// A matrix of fixed size.
///
/// Elements are stored by rows.
template <typename T, std::size_t Rows, std::size_t Columns>
class Matrix {
 public:
  using value_type = T;
  static constexpr std::size_t size = Rows * Columns;

  Matrix() = default;
  explicit Matrix(T fill) { values_.fill(fill); }
  ~Matrix();
  Matrix(const Matrix&) = delete;

  /// The element in a row and column.
  T& operator()(std::size_t row, std::size_t column) { return values_[row * Columns + column]; }
  operator bool() const { return size > 0; }
  bool operator==(const Matrix& other) const = default;

  /// The product of two matrices, the inner loops being ordered such that both are read by rows, which is some times faster
  /// than the order of the definition.
  template <std::size_t Other>
  Matrix<T, Rows, Other> multiply(const Matrix<T, Columns, Other>& other) const {
    Matrix<T, Rows, Other> result(T{});
    for (std::size_t i = 0; i < Rows; ++i) {
      for (std::size_t k = 0; k < Columns; ++k) {
        for (std::size_t j = 0; j < Other; ++j) {
          result(i, j) += (*this)(i, k) * other(k, j);
        }
      }
    }
    return result;
  }

  void swap(Matrix& other) noexcept;
  friend void swap(Matrix& a, Matrix& b) { a.swap(b); }

 private:
  struct Row {
    std::size_t start;
  };
  std::array<T, size> values_{};
};

class MATRIX_API Solver {
 public:
  virtual int solve(const double* values) = 0;
};

}  // namespace linear

int linear::Solver::solve(const double* values) {
  auto positive = [](double value) { return value > 0; };
  return positive(*values) ? 1 : 0;
}

linear::Order::Order(int value) {}

extern "C" {
int linear_version(void);
}
