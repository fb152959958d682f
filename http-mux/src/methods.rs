//! One value for each method: the common ones by index, any other in a short list.

use http::Method;

/// The methods of RFC 9110 section 9.3, and PATCH (RFC 5789).
const COMMON: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::CONNECT,
    Method::TRACE,
];

/// A map from methods.
#[derive(Debug, Clone)]
pub(crate) struct MethodMap<T> {
    common: [Option<T>; COMMON.len()],
    other: Vec<(Method, T)>,
}

impl<T> Default for MethodMap<T> {
    fn default() -> Self {
        Self {
            common: [const { None }; COMMON.len()],
            other: Vec::new(),
        }
    }
}

impl<T> MethodMap<T> {
    #[inline]
    pub(crate) fn get(&self, method: &Method) -> Option<&T> {
        match index(method) {
            Some(at) => self.common[at].as_ref(),
            None => {
                let found = self.other.iter().find(|(other, _)| other == method);
                found.map(|(_, value)| value)
            }
        }
    }

    pub(crate) fn get_or_default(&mut self, method: &Method) -> &mut T
    where
        T: Default,
    {
        if let Some(at) = index(method) {
            return self.common[at].get_or_insert_with(T::default);
        }
        let place = self.other.iter().position(|(other, _)| other == method);
        let place = place.unwrap_or_else(|| {
            self.other.push((method.clone(), T::default()));
            self.other.len() - 1
        });
        &mut self.other[place].1
    }

    /// All methods that have a value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Method, &T)> {
        let common = COMMON.iter().zip(&self.common);
        let common = common.filter_map(|(method, value)| Some((method, value.as_ref()?)));
        common.chain(self.other.iter().map(|(method, value)| (method, value)))
    }
}

#[inline]
fn index(method: &Method) -> Option<usize> {
    Some(match *method {
        Method::GET => 0,
        Method::POST => 1,
        Method::PUT => 2,
        Method::DELETE => 3,
        Method::HEAD => 4,
        Method::OPTIONS => 5,
        Method::PATCH => 6,
        Method::CONNECT => 7,
        Method::TRACE => 8,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_has_its_own_value() {
        let mut map = MethodMap::<String>::default();
        let mut methods = COMMON.to_vec();
        for name in ["PROPFIND", "get", "M-SEARCH"] {
            methods.push(Method::from_bytes(name.as_bytes()).expect("a token"));
        }
        for method in &methods {
            assert!(map.get(method).is_none());
            map.get_or_default(method).push_str(method.as_str());
        }
        for method in &methods {
            assert_eq!(map.get(method).map(String::as_str), Some(method.as_str()));
        }
        assert_eq!(map.iter().count(), methods.len());
    }
}
