//! Many connections: what an idle one costs, slow ones beside quick ones, and no descriptors left.
#![cfg(target_os = "linux")]

mod wire;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_server::{Server, testing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{echo, infallible};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nuser-agent: crowd\r\n\r\n";

/// A server in a process of its own, so that its memory and its descriptors are its own.
struct Process {
    child: Child,
    addr: SocketAddr,
}

impl Process {
    /// Runs `test` of this binary, which serves and says where.
    fn serving(test: &str, descriptors: usize) -> Self {
        let binary = std::env::current_exe().expect("a path");
        let run = format!("ulimit -n {descriptors}; exec \"$0\" \"$@\"");
        let mut child = Command::new("sh")
            .args(["-c", &run])
            .arg(binary)
            .args([test, "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = output.lines().map_while(Result::ok);
        let line = lines
            .find(|line| line.contains("listening at "))
            .expect("an address");
        let addr = line
            .rsplit(' ')
            .next()
            .and_then(|addr| addr.parse().ok())
            .expect("an address");
        // Nobody reads the rest; the pipe must not close under the child's last words.
        std::thread::spawn(move || lines.count());
        Process { child, addr }
    }

    fn resident_octets(&self) -> usize {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("alive");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("a number");
        line.split_whitespace()
            .next()
            .and_then(|kib| kib.parse::<usize>().ok())
            .expect("a number")
            * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test: the server's side of the others.
#[tokio::test]
#[ignore = "the other tests run it in a process of its own"]
async fn serve_until_killed() {
    let server = testing::serve(infallible(echo)).await.expect("a port");
    println!("listening at {}", server.addr());
    std::future::pending::<()>().await;
}

/// The same without a bound on connections, so that descriptors run out first.
#[tokio::test]
#[ignore = "the other tests run it in a process of its own"]
async fn serve_without_a_bound() {
    let server = Server::builder()
        .bounds(|bounds| bounds.connections = usize::MAX)
        .build();
    let server = testing::serve_on(server, infallible(echo))
        .await
        .expect("a port");
    println!("listening at {}", server.addr());
    std::future::pending::<()>().await;
}

async fn get(client: &mut TcpStream) -> std::io::Result<()> {
    client.write_all(GET).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"GET / ") {
        if client.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// How many connections this process may open, a few left for others.
fn most() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("on Linux");
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .expect("a limit");
    let soft = line.split_whitespace().next().expect("a limit");
    soft.parse::<usize>()
        .map_or(10_000, |soft| soft.saturating_sub(200))
        .min(10_000)
}

#[tokio::test]
async fn an_idle_connection_costs_less_than_four_kilobytes() {
    let count = most();
    let process = Process::serving("serve_until_killed", count + 200);
    let mut clients = Vec::with_capacity(count);
    // The first ones pay for what all share.
    let warm = 100;
    let mut before = 0;
    for number in 0..count {
        if number == warm {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            before = process.resident_octets();
        }
        let mut client = TcpStream::connect(process.addr).await.expect("listening");
        get(&mut client).await.expect("an answer");
        clients.push(client);
    }
    // After a moment of idling the busy part of each has gone.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let each = (process.resident_octets() - before) / (count - warm);
    println!("{each} octets for each of {count} idle connections");
    assert!(each < 4096, "{each} octets for each of {count}");
    get(&mut clients[0]).await.expect("and they still work");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_slow_clients_do_not_disturb_the_quick_ones() {
    let count = (most() / 2).min(2000);
    let server = testing::serve(infallible(echo)).await.expect("a port");
    let addr = server.addr();
    for _ in 0..count {
        tokio::spawn(async move {
            let mut client = TcpStream::connect(addr).await.expect("listening");
            for octet in GET {
                if client.write_all(&[*octet]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }
    while server.server().stats().active < count as u64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut times = Vec::new();
    let mut client = TcpStream::connect(addr).await.expect("listening");
    for _ in 0..1000 {
        let start = Instant::now();
        get(&mut client).await.expect("an answer");
        times.push(start.elapsed());
    }
    assert_eq!(server.server().stats().requests, 1000);
    // The middle one: the machine may be busy with something else at times.
    times.sort();
    assert!(times[500] < Duration::from_millis(100), "{:?}", times[500]);
}

/// No descriptor is left to accept with; the server waits, serves those it has, and accepts again when some have gone.
#[tokio::test]
async fn a_lack_of_descriptors_is_survived() {
    let process = Process::serving("serve_without_a_bound", 64);
    let mut served = Vec::new();
    let mut waiting = Vec::new();
    for _ in 0..80 {
        let mut client = TcpStream::connect(process.addr)
            .await
            .expect("in the backlog");
        match tokio::time::timeout(Duration::from_millis(300), get(&mut client)).await {
            Ok(answer) => {
                answer.expect("an answer");
                served.push(client);
            }
            Err(_) => {
                waiting.push(client);
                if waiting.len() == 3 {
                    break;
                }
            }
        }
    }
    assert!(
        served.len() > 30 && waiting.len() == 3,
        "{} served",
        served.len()
    );
    get(served.last_mut().expect("some"))
        .await
        .expect("those that are open are served");
    served.truncate(10);
    for client in &mut waiting {
        let mut answer = Vec::new();
        while !answer.ends_with(b"GET / ") {
            let read =
                tokio::time::timeout(Duration::from_secs(10), client.read_buf(&mut answer)).await;
            assert_ne!(read.expect("accepted in the end").expect("an answer"), 0);
        }
    }
}
