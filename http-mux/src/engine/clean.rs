//! Gin's `cleanPath`: what a path is without empty segments, `.` and `..`. A slash at the end stays, and `/a/.` gives `/a/`.

/// The path, cleaned; it begins with a slash.
pub(super) fn clean_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut slash = false;
    for segment in path.split('/') {
        slash = matches!(segment, "" | ".");
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let mut clean = String::with_capacity(path.len() + 1);
    for segment in &kept {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean.is_empty() || slash {
        clean.push('/');
    }
    clean
}

/// The prefix that a proxy took off the path (`X-Forwarded-Prefix`), without anything that could lead elsewhere: one slash at
/// its front, none at its end, and nothing but letters, digits, `-` and single slashes.
pub(super) fn safe_prefix(prefix: &str) -> String {
    let mut safe = String::new();
    let cleaned = clean_path(prefix);
    let kept = cleaned
        .chars()
        .filter(|&c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-'));
    for character in ['/'].into_iter().chain(kept) {
        if character != '/' || !safe.ends_with('/') {
            safe.push(character);
        }
    }
    safe.truncate(safe.trim_end_matches('/').len());
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn gin_s_table() {
        let table = include_str!("../../tests/data/gin/clean_path.json");
        let table: Value = serde_json::from_str(table).expect("JSON");
        for case in table["cases"].as_array().expect("cases") {
            let out = case["out"].as_str().expect("a path");
            assert_eq!(clean_path(case["in"].as_str().expect("a path")), out);
            assert_eq!(clean_path(out), out);
        }
        for length in [1, 126, 127, 128, 129, 255, 256, 1234] {
            let name = "a".repeat(length);
            let out = format!("/{name}");
            for path in [
                format!("/{name}"),
                name.clone(),
                format!("//{name}"),
                format!("/{name}/b/.."),
            ] {
                assert_eq!(clean_path(&path), out);
            }
        }
    }

    #[test]
    fn a_prefix_leads_nowhere_else() {
        assert_eq!(safe_prefix("//evil.example/"), "/evilexample");
        assert_eq!(safe_prefix("/\\evil"), "/evil");
        assert_eq!(safe_prefix("/"), "");
    }
}
