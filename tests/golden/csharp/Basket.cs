using System;
using System.Collections.Generic;

namespace Shop.Orders;

/// <summary>What happened to a basket.</summary>
public delegate void BasketChanged(Basket basket, int count);

[Flags]
public enum Delivery : byte
{
    None = 0,
    Express = 1,
}

public readonly record struct Price(decimal Amount, string Currency);

public interface IBasket
{
    int Count { get; }
    void Add(string article, int count = 1);
}

/// <summary>
/// Articles that somebody is about to buy.
/// </summary>
[Serializable]
public sealed class Basket : IBasket, IDisposable
{
    private const int Limit = 100;
    private readonly Dictionary<string, int> articles = new(), removed = new();

    public event BasketChanged? Changed;

    public Basket(string owner) : base()
    {
        Owner = owner ?? throw new ArgumentNullException(nameof(owner));
    }

    ~Basket() => Dispose();

    public string Owner { get; init; }

    /// <summary>How many articles there are.</summary>
    public int Count
    {
        get
        {
            var sum = 0;
            foreach (var count in articles.Values)
            {
                sum += count;
            }
            return sum;
        }
    }

    public int this[string article] => articles[article];

    /// <summary>Adds articles.</summary>
    /// <exception cref="InvalidOperationException">The basket is full.</exception>
    [Obsolete("Use AddAll")]
    public void Add(string article, int count = 1)
    {
        if (Count + count > Limit)
        {
            throw new InvalidOperationException($"No room for {count} of {article}");
        }
        articles[article] = articles.GetValueOrDefault(article) + count;
        Changed?.Invoke(this, Count);

        void Log(string message) => Console.WriteLine(message);
        Log(article);
    }

    public static Basket operator +(Basket left, Basket right) => left;

    public void Dispose() => articles.Clear();
}
