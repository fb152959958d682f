//! The three lookups against each other: by the table without checks, by the table with them, and by the nodes.

use super::build::LeafId;
use super::captures::{Captures, Span};
use super::checked::Checked;
use super::fast::Unchecked;
use super::index::Index;
use super::scan::{Reading, Scan};
use super::search::{Access, Marks};
use super::{Rest, Route, Shape};

/// Numbers that are the same in every run (a 64-bit xorshift).
struct Random(u64);

impl Random {
    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        &from[(self.0 >> 11) as usize % from.len()]
    }
}

const LITERALS: [&str; 16] = [
    "",
    "a",
    "b",
    "user",
    "users",
    "12345678",
    "123456789",
    "repositories",
    "notifications",
    "sixteen-octets-!",
    "seventeen-octets!!",
    "application-settings",
    "application-SETTINGS",
    "é",
    "a%2Fb",
    ".",
];

fn route(random: &mut Random) -> Route {
    let mut route = Route::new("");
    for at in 0..*random.pick(&[1, 2, 3, 4, 5, 6]) {
        match random.pick(&[0, 0, 0, 0, 1, 1, 2, 3]) {
            0 => route.literal(random.pick(&LITERALS).as_bytes()),
            1 => route.wild(Shape::whole(), ["x"]),
            2 if at > 1 => route.wild(Shape::affixed(b"user", b"s"), ["x"]),
            3 if at > 0 => {
                let kinds = [Rest::Nameless, Rest::Tail, Rest::SlashAndTail];
                route.rest(*random.pick(&kinds), "rest");
                return route;
            }
            _ => route.literal(b"a"),
        }
    }
    route
}

fn path(random: &mut Random) -> String {
    let segments = *random.pick(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 12, 40, 100]);
    let parts = (0..segments).map(|_| match random.pick(&[0, 0, 0, 1, 2]) {
        0 => *random.pick(&LITERALS),
        1 => "value",
        _ => *random.pick(&[
            "x",
            "12345677",
            "1234567890",
            "repositoriet",
            "%41",
            "%",
            "a-long-value-of-forty-octets-and-then-some",
        ]),
    });
    format!("/{}", parts.collect::<Vec<_>>().join("/"))
}

type Answer = Option<(LeafId, Vec<Span>)>;

fn answer(leaf: Option<LeafId>, captures: &Captures) -> Answer {
    leaf.map(|leaf| (leaf, captures.as_slice().to_vec()))
}

fn find<A: Access, const DECODE: bool>(
    index: &Index,
    path: &[u8],
    captures: &mut Captures,
) -> Option<LeafId> {
    index.find_by::<A, DECODE>(path, Scan::by::<A>(path), captures)
}

#[test]
fn three_lookups_give_one_answer() {
    let mut random = Random(11);
    let mut captures = Captures::new();
    let mut found = 0;
    for round in 0..400 {
        let mut index = Index::default();
        index.empty_values = round % 2 == 0;
        for leaf in 0..*random.pick(&[1, 3, 10, 40]) {
            let _ = index.insert(&route(&mut random), leaf);
        }
        for _ in 0..150 {
            let path = path(&mut random);
            let path = path.as_bytes();
            let escaped = path.contains(&b'%');
            let walked = index.walk(path, false, &mut captures);
            let walked = answer(walked, &captures);
            let decoded = index.walk(path, escaped, &mut captures);
            let decoded = answer(decoded, &captures);
            let leaf = find::<Unchecked, false>(&index, path, &mut captures);
            assert_eq!(answer(leaf, &captures), walked);
            let leaf = find::<Checked, false>(&index, path, &mut captures);
            assert_eq!(answer(leaf, &captures), walked);
            let leaf = find::<Unchecked, true>(&index, path, &mut captures);
            assert_eq!(answer(leaf, &captures), decoded);
            let leaf = find::<Checked, true>(&index, path, &mut captures);
            assert_eq!(answer(leaf, &captures), decoded);
            assert!(!captures.plain || !escaped);
            assert!(captures.plain || escaped || path.len() > 1024 || path.is_empty());
            found += usize::from(walked.is_some());
        }
    }
    assert!(found > 5_000, "{found}");
}

#[test]
fn the_marks_are_what_is_there_at_every_length() {
    let text = "/a//%b/.c./..".repeat(8);
    for start in 0..13 {
        for length in 1..64 {
            let path = &text.as_bytes()[start..start + length];
            let places = |octet: u8| {
                let bit = |at: usize| u64::from(path[at] == octet) << at;
                (0..length).map(bit).sum::<u64>()
            };
            let expected = Marks {
                slashes: places(b'/'),
                dots: places(b'.'),
                escaped: path.contains(&b'%'),
            };
            assert_eq!(Unchecked::marks(path), expected, "{length}");
            assert_eq!(Checked::marks(path), expected, "{length}");
            if length < 8 {
                assert_eq!(Unchecked::short(path), Checked::short(path));
            }
        }
    }
}

/// More literals than can be kept apart, and such as differ only where a key does not look.
#[test]
fn many_children_are_all_found() {
    for count in [1, 2, 30, 157, 1000, 5000] {
        let mut index = Index::default();
        let name = |at: u32| {
            format!(
                "{}-{at}-{}",
                "n".repeat(at as usize % 9),
                "m".repeat(at as usize % 7)
            )
        };
        for at in 0..count {
            let mut route = Route::new("");
            route.literal(name(at).as_bytes());
            index.insert(&route, at).expect("a new route");
        }
        let mut captures = Captures::new();
        for at in 0..count {
            let path = format!("/{}", name(at));
            assert_eq!(
                find::<Reading, false>(&index, path.as_bytes(), &mut captures),
                Some(at),
                "{path}"
            );
            let path = format!("/{}x", name(at));
            assert_eq!(
                find::<Reading, false>(&index, path.as_bytes(), &mut captures),
                None,
                "{path}"
            );
        }
    }
    let mut index = Index::default();
    for (leaf, middle) in ["aaa", "aab", "baa"].into_iter().enumerate() {
        let mut route = Route::new("");
        route.literal(format!("the-first-octets-{middle}-the-last-octets").as_bytes());
        index.insert(&route, leaf as u32).expect("a new route");
    }
    let path = b"/the-first-octets-aab-the-last-octets";
    assert_eq!(
        find::<Reading, false>(&index, path, &mut Captures::new()),
        Some(1)
    );
}

/// Nine places to go back to are one more than a lookup keeps.
#[test]
fn deep_backtracking_is_left_to_the_walk() {
    let mut index = Index::default();
    let mut literals = Route::new("");
    let mut wilds = Route::new("");
    for _ in 0..12 {
        literals.literal(b"a");
        wilds.wild(Shape::whole(), ["x"]);
    }
    literals.literal(b"b");
    wilds.literal(b"c");
    index.insert(&literals, 0).expect("a new route");
    index.insert(&wilds, 1).expect("a new route");
    let mut captures = Captures::new();
    let path = format!("{}/c", "/a".repeat(12));
    // Only the root has two children here; each of the others hangs below one of them.
    assert_eq!(
        find::<Reading, false>(&index, path.as_bytes(), &mut captures),
        Some(1)
    );
    assert_eq!(captures.len(), 12);
    let mut comb = Index::default();
    for depth in 0..12 {
        let mut route = Route::new("");
        (0..depth).for_each(|_| route.literal(b"a"));
        route.wild(Shape::whole(), ["x"]);
        (depth..12).for_each(|_| route.literal(b"a"));
        route.literal(if depth == 0 { b"end" } else { b"other" });
        comb.insert(&route, depth).expect("a new route");
    }
    let path = format!("{}/end", "/a".repeat(13));
    assert_eq!(
        find::<Reading, false>(&comb, path.as_bytes(), &mut captures),
        Some(0)
    );
    assert_eq!(captures.as_slice(), [Span { start: 1, end: 2 }]);
}

/// All routes of thirteen segments that are a literal or anything: a lookup that fails at the end of all of them enters each node once,
/// and stops where the tree does, however long the path is.
#[test]
fn a_lookup_never_takes_longer_than_the_tree_is_large() {
    let mut index = Index::default();
    for kinds in 0..1_u32 << 12 {
        let mut route = Route::new("");
        for at in 0..12 {
            match kinds >> at & 1 {
                0 => route.literal(b"a"),
                _ => route.wild(Shape::whole(), ["x"]),
            }
        }
        route.literal(b"end");
        index.insert(&route, kinds).expect("a new route");
    }
    for path in [
        "/a".repeat(12) + "/no",
        "/a".repeat(500),
        "/".repeat(1000),
        "/a/".repeat(60_000),
    ] {
        let mut captures = Captures::new();
        assert_eq!(
            find::<Unchecked, true>(&index, path.as_bytes(), &mut captures),
            None
        );
        assert_eq!(
            find::<Checked, false>(&index, path.as_bytes(), &mut captures),
            None
        );
    }
    let path = "/a".repeat(12) + "/end";
    let found = find::<Unchecked, true>(&index, path.as_bytes(), &mut Captures::new());
    assert_eq!(found, Some(0));
}

/// Before a literal that fits was left out the second time, this took two to the sixtieth steps.
#[test]
fn a_folded_lookup_enters_a_node_once() {
    let mut tree = super::Tree::new();
    let mut route = Route::new("");
    (0..60).for_each(|_| route.literal(b"a"));
    route.literal(b"end");
    tree.insert(route, ()).expect("the first route");
    assert_eq!(tree.find_folded(&("/a".repeat(60) + "/no")), None);
    let found = tree.find_folded(&("/A".repeat(60) + "/END"));
    assert_eq!(found, Some("/a".repeat(60) + "/end"));
}
