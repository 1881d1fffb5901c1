//! Values from JavaScript to the structs that mirror them.
//!
//! serde-wasm-bindgen does the same and more. Its errors say the number that was found, and formatting floating-point numbers takes 18 KB of a module that does so nowhere else.

use js_sys::{Array, Number, Reflect, Uint8Array, Uint32Array};
use serde::de::value::{SeqDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, Visitor};
use std::fmt;
use wasm_bindgen::{JsCast, JsValue};

/// What is wrong with a value.
#[derive(Debug)]
pub struct Misfit(String);

impl fmt::Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn Expected) -> Self {
        unfit(expected)
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn Expected) -> Self {
        unfit(expected)
    }
}

#[cold]
fn unfit(expected: &dyn Expected) -> Misfit {
    Misfit(["expected ", &expected.to_string()].concat())
}

type Read<T> = Result<T, Misfit>;

/// A value that is read.
pub struct Value(pub JsValue);

impl<'de> IntoDeserializer<'de, Misfit> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The fields of an object that a struct knows.
struct Fields {
    object: JsValue,
    names: std::slice::Iter<'static, &'static str>,
    value: JsValue,
}

impl<'de> de::MapAccess<'de> for Fields {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        for name in &mut self.names {
            // What is not there and what is undefined are alike.
            self.value = Reflect::get(&self.object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
            if !self.value.is_undefined() {
                return seed.deserialize(StrDeserializer::new(name)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        seed.deserialize(Value(std::mem::take(&mut self.value)))
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        Err(unfit(&visitor))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if let Some(value) = self.0.as_bool() { visitor.visit_bool(value) } else { Err(unfit(&visitor)) }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.0.as_f64().filter(|number| *number >= 0.0 && Number::is_safe_integer(&self.0));
        if let Some(number) = number { visitor.visit_u64(number as u64) } else { Err(unfit(&visitor)) }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if let Some(value) = self.0.as_f64() { visitor.visit_f64(value) } else { Err(unfit(&visitor)) }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_u32(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if let Some(value) = self.0.as_string() { visitor.visit_string(value) } else { Err(unfit(&visitor)) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if !Array::is_array(&self.0) && !self.0.is_instance_of::<Uint32Array>() {
            return Err(unfit(&visitor));
        }
        visitor.visit_seq(SeqDeserializer::new(Array::from(&self.0).iter().map(Value)))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let Some(bytes) = self.0.dyn_ref::<Uint8Array>() else { return Err(unfit(&visitor)) };
        visitor.visit_byte_buf(bytes.to_vec())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        if !self.0.is_object() {
            return Err(unfit(&visitor));
        }
        visitor.visit_map(Fields { object: self.0, names: names.iter(), value: JsValue::UNDEFINED })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let Some(name) = self.0.as_string() else { return Err(unfit(&visitor)) };
        visitor.visit_enum(StringDeserializer::new(name))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 char bytes unit unit_struct newtype_struct tuple tuple_struct map identifier ignored_any
    }
}
