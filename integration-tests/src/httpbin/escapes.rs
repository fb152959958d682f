//! Percent-encoding undone as the public httpbin does it: what is no UTF-8 stays escaped, rather than lost.

use percent_encoding::percent_decode;

/// A name or value of a form: `+` is a space, every escape is undone.
pub fn form(text: &[u8]) -> String {
    let text: Vec<u8> = text
        .iter()
        .map(|&octet| if octet == b'+' { b' ' } else { octet })
        .collect();
    text_of(&percent_decode(&text).collect::<Vec<_>>())
}

/// A path and query for people: escapes of letters are undone, those of delimiters and of what cannot be seen are not.
pub fn readable(path: &str, query: Option<&str>) -> String {
    let path = undone(path, b"/?#");
    match query {
        Some(query) => format!("{path}?{}", undone(query, b"&=+#")),
        None => path,
    }
}

fn undone(text: &str, delimiters: &[u8]) -> String {
    let mut shown = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        match escape(rest).filter(|octet| is_shown(*octet, delimiters)) {
            Some(octet) => {
                shown.push(octet);
                rest = &rest[3..];
            }
            None => {
                shown.push(first);
                rest = tail;
            }
        }
    }
    text_of(&shown)
}

fn is_shown(octet: u8, delimiters: &[u8]) -> bool {
    !matches!(octet, 0..=0x20 | b'%' | 0x7f) && !delimiters.contains(&octet)
}

/// The octet that `%XX` stands for, where the text begins with one.
fn escape(text: &[u8]) -> Option<u8> {
    match *text {
        [b'%', high, low, ..] => {
            let digit = |octet: u8| char::from(octet).to_digit(16);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        }
        _ => None,
    }
}

/// UTF-8 as it is, all other octets as escapes.
fn text_of(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(chunk.valid());
        for octet in chunk.invalid() {
            text.push_str(&format!("%{octet:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf8_stays_escaped() {
        assert_eq!(form(b"x+y%20%C3%A9"), "x y é");
        assert_eq!(form(b"%ff%2"), "%FF%2");
    }

    #[test]
    fn letters_are_shown_and_delimiters_stay_escaped() {
        assert_eq!(
            readable("/a%20b/%C3%A9%2Fc%41", Some("q=%22%C3%A9%26&%ff")),
            "/a%20b/é%2FcA?q=\"é%26&%FF"
        );
        assert_eq!(readable("/", None), "/");
    }
}
