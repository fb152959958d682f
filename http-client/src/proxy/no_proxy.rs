//! `NO_PROXY`: the hosts that are reached without a proxy.

use std::net::IpAddr;

use crate::origin::{bare, split_authority};

#[derive(Debug, Default)]
pub(super) struct NoProxy {
    everything: bool,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    what: What,
    port: Option<u16>,
}

#[derive(Debug)]
enum What {
    /// The name and its subdomains; or these alone.
    Name {
        suffix: String,
        itself: bool,
    },
    Address(IpAddr),
    Network {
        address: IpAddr,
        bits: u8,
    },
}

impl NoProxy {
    pub(super) fn parse(list: &str) -> NoProxy {
        let mut parsed = NoProxy::default();
        for entry in list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            if entry == "*" {
                parsed.everything = true;
            } else if let Some(rule) = Rule::parse(&entry.to_ascii_lowercase()) {
                parsed.rules.push(rule);
            }
        }
        parsed
    }

    pub(super) fn covers(&self, host: &str, port: u16) -> bool {
        let host = bare(host).to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let address = host
            .parse::<IpAddr>()
            .ok()
            .map(|address| address.to_canonical());
        if self.everything
            || host == "localhost"
            || address.is_some_and(|address| address.is_loopback())
        {
            return true;
        }
        self.rules
            .iter()
            .any(|rule| rule.port.is_none_or(|own| own == port) && rule.what.covers(host, address))
    }
}

impl Rule {
    fn parse(entry: &str) -> Option<Rule> {
        if let Some((address, bits)) = entry.split_once('/') {
            let address: IpAddr = address.parse().ok()?;
            let bits = bits
                .parse()
                .ok()
                .filter(|bits| *bits <= if address.is_ipv4() { 32 } else { 128 })?;
            return Some(Rule {
                what: What::Network { address, bits },
                port: None,
            });
        }
        if let Ok(address) = entry.parse() {
            return Some(Rule {
                what: What::Address(address),
                port: None,
            });
        }
        let (suffixes_only, name) =
            match entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.')) {
                Some(rest) => (true, rest),
                None => (false, entry),
            };
        let (name, port) = split_authority(name).ok()?;
        if let Ok(address) = bare(name).parse() {
            return Some(Rule {
                what: What::Address(address),
                port,
            });
        }
        Some(Rule {
            what: What::Name {
                suffix: name.to_owned(),
                itself: !suffixes_only,
            },
            port,
        })
    }
}

impl What {
    fn covers(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            What::Name { suffix, itself } => match host.strip_suffix(suffix.as_str()) {
                Some("") => *itself,
                Some(rest) => rest.ends_with('.'),
                None => false,
            },
            What::Address(own) => address == Some(own.to_canonical()),
            What::Network {
                address: network,
                bits,
            } => match (network, address) {
                (IpAddr::V4(network), Some(IpAddr::V4(address))) => {
                    let differing = u32::from(*network) ^ u32::from(address);
                    differing.leading_zeros() >= u32::from(*bits)
                }
                (IpAddr::V6(network), Some(IpAddr::V6(address))) => {
                    let differing = u128::from(*network) ^ u128::from(address);
                    differing.leading_zeros() >= u32::from(*bits)
                }
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_an_entry() {
        let list = "example.com, .suffix.org,*.star.net,10.1.0.0/16,192.0.2.7,2001:db8::/32,\
                    port.com:81,[2001:db9::1]:82,,nonsense/99,::ffff:192.0.2.9";
        let no_proxy = NoProxy::parse(list);
        for (host, port, covered) in [
            ("example.com", 80, true),
            ("EXAMPLE.com.", 80, true),
            ("www.example.com", 80, true),
            ("notexample.com", 80, false),
            ("suffix.org", 80, false),
            ("a.suffix.org", 80, true),
            ("star.net", 80, false),
            ("a.star.net", 80, true),
            ("10.1.255.3", 80, true),
            ("10.2.0.1", 80, false),
            ("192.0.2.7", 443, true),
            ("192.0.2.8", 443, false),
            ("192.0.2.9", 80, true),
            ("[::ffff:192.0.2.9]", 80, true),
            ("[::ffff:192.0.2.7]", 80, true),
            ("[2001:db8:1::1]", 80, true),
            ("[2001:db9::1]", 80, false),
            ("[2001:db9::1]", 82, true),
            ("port.com", 81, true),
            ("port.com", 80, false),
            ("localhost", 80, true),
            ("127.0.0.1", 80, true),
        ] {
            assert_eq!(no_proxy.covers(host, port), covered, "{host}:{port}");
        }
        assert!(NoProxy::parse("*").covers("anything", 1));
    }
}
