// Package pool runs jobs on a fixed number of workers.
package pool

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed is returned by Submit after Close.
var ErrClosed = errors.New("pool: closed")

const (
	// DefaultWorkers is used when no number is given.
	DefaultWorkers = 4
	maxWorkers     = 256
)

const single = 1

type (
	// Job is what a worker runs.
	Job func(ctx context.Context) error

	result struct {
		index int
		err   error
	}
)

// A Runner runs jobs.
type Runner interface {
	// Submit hands over a job.
	Submit(job Job) error
	Close()
}

// Pool is a Runner with a fixed number of goroutines.
//
// The zero value cannot be used; see New.
type Pool struct {
	jobs    chan Job
	results chan result // buffered

	mu     sync.Mutex
	closed bool
}

type ID = string

// New starts a pool. It takes more memory than it looks: each worker keeps a buffer, and the results of all jobs
// are kept until Wait was called.
func New(ctx context.Context, workers int) *Pool {
	if workers <= 0 {
		workers = DefaultWorkers
	}
	if workers > maxWorkers {
		workers = maxWorkers
	}
	p := &Pool{jobs: make(chan Job), results: make(chan result, workers)}
	for i := 0; i < workers; i++ {
		go p.work(ctx, i)
	}
	return p
}

// Submit hands over a job and waits until a worker takes it.
func (p *Pool) Submit(job Job) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.jobs <- job
	return nil
}

func (p *Pool) Close() { p.closed = true; close(p.jobs) }

func (p *Pool) work(ctx context.Context, index int) {
	for job := range p.jobs {
		p.results <- result{index, job(ctx)}
	}
}

// Map applies f to every item.
func Map[T, R any](items []T, f func(T) R) []R {
	out := make([]R, 0, len(items))
	for _, item := range items {
		out = append(out, f(item))
	}
	return out
}

func (s *Stack[T]) Push(item T) { s.items = append(s.items, item) }
