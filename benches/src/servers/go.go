// Go's net/http: the answers of `app` as a server, and calls as a client; with the three lines that the parent speaks.
// Written for any Go since 1.18: the patterns of its mux are the old ones.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func text(w http.ResponseWriter, content string) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, content)
}

func sized(octets int) http.HandlerFunc {
	content := []byte(strings.Repeat("x", octets))
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		w.Write(content)
	}
}

func baseline(w http.ResponseWriter, r *http.Request) {
	sum := 0
	for _, values := range r.URL.Query() {
		number, _ := strconv.Atoi(values[0])
		sum += number
	}
	content, _ := io.ReadAll(r.Body)
	number, _ := strconv.Atoi(string(content))
	text(w, strconv.Itoa(sum+number))
}

func routes() *http.ServeMux {
	piece := []byte(strings.Repeat("x", 1024))
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { text(w, "Hello, World!") })
	mux.HandleFunc("/user/", func(w http.ResponseWriter, r *http.Request) {
		text(w, strings.TrimPrefix(r.URL.Path, "/user/"))
	})
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"message":"Hello, World!"}`)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		w.Write(content)
	})
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		octets, _ := io.Copy(io.Discard, r.Body)
		text(w, strconv.FormatInt(octets, 10))
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		for left := 16; left > 0; left-- {
			w.Write(piece)
		}
	})
	mux.HandleFunc("/baseline11", baseline)
	mux.HandleFunc("/1k", sized(1<<10))
	mux.HandleFunc("/64k", sized(64<<10))
	mux.HandleFunc("/1m", sized(1<<20))
	return mux
}

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			fmt.Println(mallocs())
		}
		os.Exit(0)
	}()
	server := &http.Server{Handler: routes(), ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 120 * time.Second}
	panic(server.Serve(listener))
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func together(client *http.Client, url string, callers, share int) {
	var group sync.WaitGroup
	for caller := 0; caller < callers; caller++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for sent := 0; sent < share; sent++ {
				response, err := client.Get(url)
				if err != nil {
					panic(err)
				}
				content, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || string(content) != "Hello, World!" {
					panic("wrong answer")
				}
			}
		}()
	}
	group.Wait()
}

func call(address string, callers, requests int) {
	fmt.Println(address)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	share := (requests + callers - 1) / callers
	// What dials and what grows is not the question.
	together(client, "http://"+address+"/", callers, (share+7)/8)
	before, allocated, start := cpu(), mallocs(), time.Now()
	together(client, "http://"+address+"/", callers, share)
	each := float64(share * callers)
	wall := time.Since(start).Seconds()
	fmt.Println(float64(cpu()-before)/each, float64(mallocs()-allocated)/each, each/wall)
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "call" {
		callers, _ := strconv.Atoi(os.Args[3])
		requests, _ := strconv.Atoi(os.Args[4])
		call(os.Args[2], callers, requests)
		return
	}
	serve()
}
