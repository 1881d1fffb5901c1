//! What a declaration is.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// The kind of a symbol: the kinds of the Language Server Protocol under their numbers, and from 64 on those that
        /// it lacks. The numbers are persisted: they are never changed or used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum SymbolKind {
            $($(#[$doc])* $variant = $number,)*
        }

        impl SymbolKind {
            /// Every kind, in the order of the numbers.
            pub const ALL: &[SymbolKind] = &[$(SymbolKind::$variant),*];

            /// The stable name: `function`, `enum_member`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The kind with this number.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A module: Rust `mod`, Ruby `module`.
    Module = 2, "module";
    /// A namespace: C++, C#, PHP, TypeScript.
    Namespace = 3, "namespace";
    /// A package.
    Package = 4, "package";
    /// A class or record.
    Class = 5, "class";
    /// A function that belongs to a type or an object.
    Method = 6, "method";
    /// A property with accessors, or a member of an interface.
    Property = 7, "property";
    /// A field of a class or struct.
    Field = 8, "field";
    /// A constructor.
    Constructor = 9, "constructor";
    /// An enumeration.
    Enum = 10, "enum";
    /// An interface.
    Interface = 11, "interface";
    /// A function.
    Function = 12, "function";
    /// A variable outside of functions.
    Variable = 13, "variable";
    /// A constant outside of functions.
    Constant = 14, "constant";
    /// A key of a data file.
    Key = 20, "key";
    /// A member of an enumeration.
    EnumMember = 22, "enum_member";
    /// A struct or union.
    Struct = 23, "struct";
    /// An event.
    Event = 24, "event";
    /// An overloaded operator.
    Operator = 25, "operator";
    /// A parameter of a generic declaration.
    TypeParameter = 26, "type_parameter";
    /// A type alias.
    Type = 64, "type";
    /// A trait.
    Trait = 65, "trait";
    /// An implementation block.
    Impl = 66, "impl";
    /// A macro.
    Macro = 67, "macro";
    /// A section of a document under a heading.
    Section = 68, "section";
    /// A rule of a style sheet, by its selector.
    Selector = 69, "selector";
    /// An element of a document.
    Element = 70, "element";
}

impl SymbolKind {
    /// The stable number.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Whether declarations inside are its members: a function in it is a method.
    pub const fn is_type(self) -> bool {
        matches!(
            self,
            Self::Class | Self::Interface | Self::Enum | Self::Struct | Self::Trait | Self::Impl | Self::Type
        )
    }

    /// Whether it only groups declarations: what stands in it stands at module level.
    pub const fn is_module(self) -> bool {
        matches!(self, Self::Module | Self::Namespace | Self::Package)
    }

    /// Whether it is a part of something else rather than a thing by itself: behind a type or a function of the same name.
    pub const fn is_member(self) -> bool {
        matches!(
            self,
            Self::Property | Self::Field | Self::Variable | Self::Constant | Self::Key | Self::EnumMember | Self::Impl
        )
    }

    /// Whether it is code that runs when called.
    pub const fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Constructor | Self::Operator)
    }
}
