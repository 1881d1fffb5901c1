import 'dart:async';
import 'package:meta/meta.dart';

part 'cart.g.dart';

/// The most items that a cart holds.
const int maxItems = 99;

typedef PriceOf = int Function(String sku);

/// What happened to a cart.
enum CartEvent { added, removed, cleared }

/// A line of a cart.
@immutable
class Line {
  final String sku;
  final int quantity;

  const Line(this.sku, {this.quantity = 1});

  Line.fromJson(Map<String, dynamic> json)
      : sku = json['sku'] as String,
        quantity = json['quantity'] as int;

  factory Line.single(String sku) => Line(sku);

  Line operator +(Line other) => Line(sku, quantity: quantity + other.quantity);

  @override
  String toString() => '$quantity x $sku';
}

mixin Observable {
  final _events = StreamController<CartEvent>.broadcast();

  Stream<CartEvent> get events => _events.stream;
}

abstract class Shop {
  Future<int> price(String sku);
}

/// What somebody wants to buy.
class Cart with Observable implements Shop {
  Cart(this._priceOf);

  final PriceOf _priceOf;
  final Map<String, Line> _lines = {};

  bool get isEmpty => _lines.isEmpty;

  set note(String value) {
    _note = value.trim();
  }

  String _note = '';

  /// Adds an article; throws when the cart is full.
  void add(String sku, {int quantity = 1}) {
    if (_lines.length >= maxItems) {
      throw StateError('the cart is full');
    }
    Line merge(Line old) => old + Line(sku, quantity: quantity);
    _lines.update(sku, merge, ifAbsent: () => Line(sku, quantity: quantity));
    _events.add(CartEvent.added);
  }

  @override
  Future<int> price(String sku) async {
    return _priceOf(sku) * (_lines[sku]?.quantity ?? 0);
  }

  static Cart empty() => Cart((_) => 0);
}

extension LineList on List<Line> {
  int get count => fold(0, (sum, line) => sum + line.quantity);
}

/// Adds up what a cart costs.
Future<int> total(Cart cart, Iterable<String> skus) async {
  var sum = 0;
  for (final sku in skus) {
    sum += await cart.price(sku);
  }
  return sum;
}
