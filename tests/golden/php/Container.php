<?php

declare(strict_types=1);

namespace App\Support;

use Closure;
use Psr\Container\ContainerInterface;

const VERSION = '1.0';

/**
 * Something that can be resolved.
 */
interface Resolvable
{
    public function resolve(Container $container): object;
}

enum Lifetime: string
{
    case Singleton = 'singleton';
    case Transient = 'transient';

    public function isShared(): bool
    {
        return $this === self::Singleton;
    }
}

trait Aliases
{
    /** @var array<string, string> */
    protected array $aliases = [];

    public function alias(string $id, string $alias): void
    {
        $this->aliases[$alias] = $id;
    }
}

/**
 * A container for services.
 */
#[\AllowDynamicProperties]
final class Container implements ContainerInterface
{
    use Aliases;

    public const DEFAULT = Lifetime::Singleton;
    private static ?self $instance = null;

    /**
     * @param array<string, Closure> $factories how services are made
     */
    public function __construct(private array $factories = [], private array $shared = [])
    {
        self::$instance ??= $this;
    }

    /**
     * Gives a service, making it when it is asked for the first time.
     *
     * @throws NotFound when nothing was registered under the name
     */
    public function get(string $id): object
    {
        $id = $this->aliases[$id] ?? $id;
        if (isset($this->shared[$id])) {
            return $this->shared[$id];
        }
        if (!isset($this->factories[$id])) {
            throw new NotFound($id);
        }
        $make = fn () => ($this->factories[$id])($this);
        return $this->shared[$id] = $make();
    }

    public function has(string $id): bool
    {
        return isset($this->factories[$id]);
    }
}

function container(): Container
{
    static $container;
    return $container ??= new Container();
}
