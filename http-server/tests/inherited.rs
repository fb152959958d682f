//! A socket that a service manager opened: it is passed to a process of its own, as `LISTEN_FDS` has it.
#![cfg(unix)]

mod wire;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use http_server::Server;
use http_server::listener::{Inherited, inherited};
use wire::{echo, infallible};

/// Not a test: the process that inherits.
#[tokio::test]
#[ignore = "the other test runs it in a process of its own"]
async fn serve_what_is_inherited() {
    let mut sockets = inherited().expect("a listening socket");
    assert!(inherited().expect("nothing left").is_empty());
    let (name, socket) = sockets.pop().expect("one socket");
    assert_eq!(name, "web");
    let Inherited::Tcp(listener) = socket else {
        panic!("{socket:?}")
    };
    Server::new()
        .serve(listener, infallible(echo))
        .await
        .expect("no error");
}

#[test]
fn a_socket_of_a_service_manager_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = listener.local_addr().expect("bound");
    let run = "export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; exec \"$0\" \"$@\" 3<&0";
    let mut child = Command::new("sh")
        .args(["-c", run])
        .arg(std::env::current_exe().expect("a path"))
        .args(["serve_what_is_inherited", "--exact", "--ignored"])
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .spawn()
        .expect("a process");
    // Connections wait in the socket's backlog while the server starts.
    let mut client = TcpStream::connect(addr).expect("listening");
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .expect("connected");
    let mut answer = String::new();
    let read = client.read_to_string(&mut answer);
    let _ = child.kill();
    let _ = child.wait();
    read.expect("an answer");
    assert!(answer.ends_with("GET / "), "{answer}");
}

#[tokio::test]
async fn nothing_is_inherited_where_nothing_was_passed() {
    assert!(inherited().expect("no error").is_empty());
}
