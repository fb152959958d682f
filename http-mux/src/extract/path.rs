//! Path parameters by serde.
//!
//! ```text
//! struct, map                       by name
//! tuple, Vec                        in the order of the pattern
//! number, String, bool, enum ..     the only parameter
//! ```

use std::borrow::Cow;
use std::fmt;

use serde::de::value::CowStrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::{InputError, InputKind};
use crate::params::Params;

/// Reads decoded names and values as a `T`.
///
/// # Errors
///
/// A 400 that names the parameter: it is missing, or does not parse.
pub fn from_pairs<'a, T: DeserializeOwned>(
    pairs: impl IntoIterator<Item = (&'a str, Cow<'a, str>)>,
) -> Result<T, InputError> {
    let pairs = pairs.into_iter().collect();
    T::deserialize(Path { pairs })
        .map_err(|error| InputError::new(InputKind::Path, format!("path: {error}")))
}

impl Params {
    /// The path parameters as a struct or map by name, a tuple in the order of the pattern, or one value.
    ///
    /// ```
    /// use http_mux::{InputError, Params, ServeMux};
    ///
    /// let mut mux = ServeMux::new();
    /// mux.handle("GET /users/{id}/posts/{post}", |params: Params| {
    ///     let (user, post): (u32, String) = params.bind()?;
    ///     Ok::<_, InputError>(format!("{post} of {user}"))
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// A 400 that names the parameter: it is missing, or does not parse.
    pub fn bind<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        from_pairs(self.iter())
    }
}

struct Path<'a> {
    pairs: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Path<'a> {
    fn only(self) -> Result<Value<'a>, Failure> {
        let count = self.pairs.len();
        match self.pairs.into_iter().next() {
            Some((name, value)) if count == 1 => Ok(Value { name, value }),
            _ => Err(de::Error::custom(format_args!(
                "one parameter is read, the pattern has {count}"
            ))),
        }
    }

    fn values(self) -> Values<'a> {
        Values {
            pairs: self.pairs.into_iter(),
            keyed: None,
        }
    }

    fn counted(self, wanted: usize) -> Result<Self, Failure> {
        if self.pairs.len() == wanted {
            return Ok(self);
        }
        Err(de::Error::custom(format_args!(
            "{wanted} parameters are read, the pattern has {}",
            self.pairs.len()
        )))
    }
}

macro_rules! only {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            let value = self.only()?;
            let name = value.name;
            value.$method(visitor).map_err(|error| error.of(name))
        })*
    };
}

impl<'de> Deserializer<'de> for Path<'de> {
    type Error = Failure;

    only! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.pairs.is_empty() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.values())
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.counted(length)?.values())
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_map(self.values())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let value = self.only()?;
        let parameter = value.name;
        let read = value.deserialize_enum(name, variants, visitor);
        read.map_err(|error| error.of(parameter))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }
}

/// The values, in their order or by name. What cannot be made of one is told with its name, whoever finds that out.
struct Values<'a> {
    pairs: std::vec::IntoIter<(&'a str, Cow<'a, str>)>,
    /// The value whose name was read.
    keyed: Option<Value<'a>>,
}

impl<'a> Values<'a> {
    fn advance(&mut self) -> Option<Value<'a>> {
        let (name, value) = self.pairs.next()?;
        Some(Value { name, value })
    }
}

impl<'de> de::SeqAccess<'de> for Values<'de> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failure> {
        let value = self.advance();
        value.map(|value| value.read(seed)).transpose()
    }
}

impl<'de> de::MapAccess<'de> for Values<'de> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        self.keyed = self.advance();
        let name = self.keyed.as_ref().map(|value| value.name);
        let key = name.map(|name| seed.deserialize(name.into_deserializer()));
        key.transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        match self.keyed.take() {
            Some(value) => value.read(seed),
            None => Err(de::Error::custom("a value is read before its name")),
        }
    }
}

/// One parameter's value; its name is there for the error.
struct Value<'a> {
    name: &'a str,
    value: Cow<'a, str>,
}

impl<'de> Value<'de> {
    fn read<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        let name = self.name;
        seed.deserialize(self).map_err(|error| error.of(name))
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty, $what:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            match self.value.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::custom(format_args!("`{}` is not {}", self.value, $what))),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Failure;

    parsed! {
        deserialize_bool visit_bool bool, "`true` or `false`";
        deserialize_i8 visit_i8 i8, "a number of 8 bits";
        deserialize_i16 visit_i16 i16, "a number of 16 bits";
        deserialize_i32 visit_i32 i32, "a number of 32 bits";
        deserialize_i64 visit_i64 i64, "a number of 64 bits";
        deserialize_i128 visit_i128 i128, "a number of 128 bits";
        deserialize_u8 visit_u8 u8, "a number from 0 of 8 bits";
        deserialize_u16 visit_u16 u16, "a number from 0 of 16 bits";
        deserialize_u32 visit_u32 u32, "a number from 0 of 32 bits";
        deserialize_u64 visit_u64 u64, "a number from 0 of 64 bits";
        deserialize_u128 visit_u128 u128, "a number from 0 of 128 bits";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
        deserialize_char visit_char char, "one character";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let deserializer: CowStrDeserializer<'de, Failure> = self.value.into_deserializer();
        deserializer.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let deserializer: CowStrDeserializer<'de, Failure> = self.value.into_deserializer();
        deserializer.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        str string bytes byte_buf identifier unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}

#[derive(Debug)]
struct Failure(String);

impl Failure {
    /// That of the parameter of this name.
    fn of(self, name: &str) -> Self {
        Self(format!("`{name}`: {}", self.0))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}
