// The answers of `app` on Go's net/http, and the three lines that the parent speaks.
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

func main() {
	piece := []byte(strings.Repeat("x", 1024))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { text(w, "Hello, World!") })
	mux.HandleFunc("GET /user/{id}", func(w http.ResponseWriter, r *http.Request) { text(w, r.PathValue("id")) })
	mux.HandleFunc("GET /json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"message":"Hello, World!"}`)
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		w.Write(content)
	})
	mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		octets, _ := io.Copy(io.Discard, r.Body)
		text(w, strconv.FormatInt(octets, 10))
	})
	mux.HandleFunc("GET /chunked", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		for range 16 {
			w.Write(piece)
		}
	})
	mux.HandleFunc("/baseline11", baseline)
	mux.HandleFunc("GET /1k", sized(1<<10))
	mux.HandleFunc("GET /64k", sized(64<<10))
	mux.HandleFunc("GET /1m", sized(1<<20))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			fmt.Println(stats.Mallocs)
		}
		os.Exit(0)
	}()
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 120 * time.Second}
	panic(server.Serve(listener))
}
