// Reads a log's folder as spec/log.md describes it and verifies it with the Go team's own code (sumdb/tlog, sumdb/note),
// which tlog_verify.py copies from Go's source tree next to this file when it builds it.
//
//	go-tlog LOG-FOLDER VERIFIER-KEY OLDER-CHECKPOINT
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go-tlog/note"
	"go-tlog/tlog"
)

// C2SP tlog-tiles fixes the height; the paths leave it out, which Go's own tile paths do not.
const height = 8

func tilePath(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

type folder string

func (f folder) Height() int                          { return height }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), tilePath(tile)))
		if errors.Is(err, os.ErrNotExist) && tile.W < 1<<height {
			// A partial tile may be gone once the full one is there.
			full := tile
			full.W = 1 << height
			data, err = os.ReadFile(filepath.Join(string(f), tilePath(full)))
			if len(data) > tile.W*tlog.HashSize {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func openCheckpoint(path string, verifier note.Verifier) (tlog.Tree, error) {
	message, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("checkpoint: not the three lines of this log")
	}
	var tree tlog.Tree
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil || fmt.Sprint(tree.N) != lines[1] {
		return tlog.Tree{}, errors.New("checkpoint: the size is no number")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// The entries of all bundles, in order.
func entries(f folder, size int64) ([][]byte, error) {
	var all [][]byte
	for n := int64(0); n<<height < size; n++ {
		width := min(size-n<<height, 1<<height)
		tile := tlog.Tile{H: height, L: -1, N: n, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		count := int64(0)
		for ; len(data) >= 2; count++ {
			length := int(binary.BigEndian.Uint16(data))
			if len(data) < 2+length {
				break
			}
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 || count != width {
			return nil, fmt.Errorf("%s: not a bundle of %d entries", path, width)
		}
	}
	return all, nil
}

func verify(dir, key, olderPath string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(filepath.Join(dir, "checkpoint"), verifier)
	if err != nil {
		return err
	}
	older, err := openCheckpoint(olderPath, verifier)
	if err != nil {
		return err
	}
	leaves, err := entries(folder(dir), tree.N)
	if err != nil {
		return err
	}
	// The reader refuses tiles that are not those of the checkpoint's root.
	hashes := tlog.TileHashReader(tree, folder(dir))
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("the tiles do not give the checkpoint's root: %v", err)
	}
	for i, leaf := range leaves {
		if len(leaf) != 34 || leaf[0] != 1 || leaf[1] < 1 || leaf[1] > 11 {
			return fmt.Errorf("entry %d: not a leaf of version 1", i)
		}
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(leaf)); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	proof, err := tlog.ProveTree(tree.N, older.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("the log does not continue the older checkpoint: %w", err)
	}
	// Every tile of the tree, also those that no proof above needed, from the leaves up.
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for i, leaf := range leaves {
		added, err := tlog.StoredHashes(int64(i), leaf, reader)
		if err != nil {
			return err
		}
		stored = append(stored, added...)
	}
	tiles := tlog.NewTiles(height, 0, tree.N)
	for _, tile := range tiles {
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		have, err := folder(dir).ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return err
		}
		if !bytes.Equal(want, have[0]) {
			return fmt.Errorf("%s is not the tile of the entries", tilePath(tile))
		}
	}
	fmt.Printf("%d entries included, %d tiles right, continues %d entries\n", tree.N, len(tiles), older.N)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go-tlog LOG-FOLDER VERIFIER-KEY OLDER-CHECKPOINT")
		os.Exit(2)
	}
	if err := verify(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}
