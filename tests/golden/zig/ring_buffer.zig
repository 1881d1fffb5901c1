//! A ring buffer of a fixed capacity.

const std = @import("std");
const Allocator = std.mem.Allocator;

/// The capacity where none is given.
pub const default_capacity: usize = 64;

var live_buffers: usize = 0;

pub const Error = error{
    Full,
    Empty,
};

/// What to do when the buffer is full.
pub const Policy = enum {
    refuse,
    overwrite,

    pub fn mayLose(self: Policy) bool {
        return self == .overwrite;
    }
};

const Slot = union(enum) {
    empty,
    value: u64,
};

pub const Stats = extern struct {
    pushed: u64 = 0,
    lost: u64 = 0,
};

/// A ring buffer of `T`.
pub fn RingBuffer(comptime T: type) type {
    return struct {
        const Self = @This();

        items: []T,
        head: usize = 0,
        len: usize = 0,
        allocator: Allocator,

        /// Takes memory for `capacity` items.
        pub fn init(allocator: Allocator, capacity: usize) !Self {
            live_buffers += 1;
            return .{ .items = try allocator.alloc(T, capacity), .allocator = allocator };
        }

        pub fn deinit(self: *Self) void {
            live_buffers -= 1;
            self.allocator.free(self.items);
            self.* = undefined;
        }

        /// Adds an item at the end.
        pub fn push(self: *Self, item: T, policy: Policy) Error!void {
            if (self.len == self.items.len) {
                if (!policy.mayLose()) return Error.Full;
                self.head = (self.head + 1) % self.items.len;
                self.len -= 1;
            }
            self.items[(self.head + self.len) % self.items.len] = item;
            self.len += 1;
        }

        pub fn pop(self: *Self) Error!T {
            if (self.len == 0) return Error.Empty;
            defer self.len -= 1;
            const item = self.items[self.head];
            self.head = (self.head + 1) % self.items.len;
            return item;
        }
    };
}

extern fn write(fd: c_int, bytes: [*]const u8, len: usize) isize;

fn clamp(value: u64, low: u64, high: u64) u64 {
    return @max(low, @min(value, high));
}

test "what is pushed first is popped first" {
    var buffer = try RingBuffer(u8).init(std.testing.allocator, 4);
    defer buffer.deinit();
    try buffer.push(1, .refuse);
    try buffer.push(2, .refuse);
    try std.testing.expectEqual(@as(u8, 1), try buffer.pop());
}
