//! Messages on their way out, and whole connections through the codecs.

mod content;
mod framed;
mod heads;
mod parts;
