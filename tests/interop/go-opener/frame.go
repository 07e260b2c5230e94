package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"opener/zstd"
)

const (
	blockLimit   = 1 << 20
	remarksLimit = 16 << 20
)

// expand expands data, which must be one zstd frame without a dictionary and nothing else.
// It gives no more than one byte beyond limit.
func expand(data []byte, limit int) ([]byte, error) {
	length, err := zstdLength(data)
	if err != nil {
		return nil, err
	}
	if length != len(data) {
		return nil, fmt.Errorf("%d bytes follow a zstd frame", len(data)-length)
	}
	return io.ReadAll(io.LimitReader(zstd.NewReader(bytes.NewReader(data)), int64(limit)+1))
}

// zstdLength says where the zstd frame ends with which data begins (RFC 8878, 3.1.1). The stock reader would go on to a
// second frame, or pass over a skippable one.
func zstdLength(data []byte) (int, error) {
	errCut := errors.New("a zstd frame is cut")
	if len(data) < 5 {
		return 0, errCut
	}
	if binary.LittleEndian.Uint32(data) != 0xfd2fb528 {
		return 0, errors.New("not a zstd frame")
	}
	descriptor := data[4]
	single, checksum := descriptor&0x20 != 0, descriptor&4 != 0
	if descriptor&3 != 0 {
		return 0, errors.New("a zstd frame with a dictionary")
	}
	at := 5
	if !single {
		at++
	}
	if size := descriptor >> 6; size != 0 || single {
		at += 1 << size
	}
	for last := false; !last; {
		if len(data) < at+3 {
			return 0, errCut
		}
		head := int(data[at]) | int(data[at+1])<<8 | int(data[at+2])<<16
		at += 3
		last = head&1 != 0
		if run := head>>1&3 == 1; run {
			at++
		} else {
			at += head >> 3
		}
	}
	if checksum {
		at += 4
	}
	if at > len(data) {
		return 0, errCut
	}
	return at, nil
}
