// Echoes content with its trailers; answers 100-continue, HEAD, 204. Prints its address.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(echo)))
}

func echo(response http.ResponseWriter, request *http.Request) {
	switch {
	case request.URL.Path == "/none":
		response.WriteHeader(http.StatusNoContent)
	case request.Method == http.MethodGet || request.Method == http.MethodHead:
		io.WriteString(response, "content")
	default:
		response.Header().Set("Trailer", "X-Sum")
		content, _ := io.ReadAll(request.Body)
		response.Write(content)
		sum := request.Trailer.Get("X-Sum")
		if sum == "" {
			sum = "none"
		}
		response.Header().Set("X-Sum", sum)
	}
}
