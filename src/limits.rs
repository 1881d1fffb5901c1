//! Every bound of the engine, with its unit and its reason.

/// Sections of a container: far more than any version needs, few enough to check before reading the contents.
pub const MAX_SECTIONS: usize = 64;
/// Text of one segment in bytes: keeps a segment's file under the 25 MiB that one value of an edge store may have.
pub const MAX_SEGMENT_TEXT_BYTES: u64 = 48 * 1024 * 1024;
/// Name of a symbol in bytes: longer ones are cut; they come from generated code and are never typed.
pub const MAX_NAME_BYTES: usize = 256;
