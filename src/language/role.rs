//! What a word is to the code around it.

/// The role of a word. The numbers are persisted: they are never changed or used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// None: a word of a comment or string, a keyword, a key, the name of a declaration.
    #[default]
    None = 0,
    /// Its value is read.
    Read = 1,
    /// It is given a value.
    Write = 2,
    /// It is called, or made an object of.
    Call = 3,
    /// It is used as a type.
    Type = 4,
    /// What is being declared inherits from it or implements it.
    Inherit = 5,
    /// It is imported under this name.
    Import = 6,
    /// It names here what was imported: `b` of `import { a as b }`.
    Alias = 7,
    /// It is a part of the name of a module that is imported from.
    Module = 8,
    /// It declares a parameter or a variable of a function.
    Local = 9,
}

impl Role {
    /// Every role, in the order of the numbers.
    pub const ALL: [Role; 10] = [
        Self::None,
        Self::Read,
        Self::Write,
        Self::Call,
        Self::Type,
        Self::Inherit,
        Self::Import,
        Self::Alias,
        Self::Module,
        Self::Local,
    ];

    /// The stable name, of the roles that a reference can have.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
            Self::Call => "call",
            Self::Type => "type",
            Self::Inherit => "inherit",
            Self::Import | Self::Module => "import",
            Self::Alias => "alias",
            Self::Local => "local",
        }
    }

    /// The role with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(number as usize).copied()
    }
}
