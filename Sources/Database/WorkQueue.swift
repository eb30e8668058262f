#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Threads that take pieces of work from one line, each with a connection of its own.
///
/// `@unchecked Sendable` is sound: `waiting`, `isClosed` and `running` are touched only between `lock` and `unlock`
/// of `mutex`, and a thread's connection is made, used and closed on that thread alone.
final class WorkQueue: @unchecked Sendable {
    /// A piece of work; gets the error instead when there is no connection to work with.
    typealias Work = @Sendable (Result<Connection, DatabaseError>) -> Void

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [Work] = []
    private var head = 0
    private var isClosed = false
    private var running = 0
    private var onLastEnd: [@Sendable () -> Void] = []

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Starts one thread that opens its own connection with `open` when the first work arrives.
    func startThread(_ open: @escaping @Sendable () throws(DatabaseError) -> Connection) throws(DatabaseError) {
        let start = Unmanaged.passRetained(Start(queue: self, open: open))
        pthread_mutex_lock(mutex)
        running += 1
        pthread_mutex_unlock(mutex)
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, { Start.run($0) }, start.toOpaque())
        guard result == 0 else {
            start.release()
            threadEnded()
            throw DatabaseError(.io, "No thread could be started (error \(result))")
        }
        pthread_detach(thread)
    }

    func submit(_ work: @escaping Work) {
        pthread_mutex_lock(mutex)
        let accepted = !isClosed
        if accepted {
            waiting.append(work)
            pthread_cond_signal(changed)
        }
        pthread_mutex_unlock(mutex)
        if !accepted { work(.failure(DatabaseError(.closed, "The database is closed"))) }
    }

    /// Refuses new work and lets the threads end after what is waiting. `done` is called when the last has ended.
    func close(_ done: (@Sendable () -> Void)? = nil) {
        pthread_mutex_lock(mutex)
        isClosed = true
        let hasEnded = running == 0
        if !hasEnded, let done { onLastEnd.append(done) }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
        if hasEnded { done?() }
    }

    /// The next work; `nil` when the queue is closed and empty.
    private func next() -> Work? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while head == waiting.count {
            if isClosed { return nil }
            pthread_cond_wait(changed, mutex)
        }
        let work = waiting[head]
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 256 {
            waiting.removeFirst(head)
            head = 0
        }
        return work
    }

    private func threadEnded() {
        pthread_mutex_lock(mutex)
        running -= 1
        let callbacks = running == 0 ? onLastEnd : []
        if running == 0 { onLastEnd = [] }
        pthread_mutex_unlock(mutex)
        for callback in callbacks { callback() }
    }

    /// What a new thread is given.
    private final class Start {
        let queue: WorkQueue
        let open: @Sendable () throws(DatabaseError) -> Connection

        init(queue: WorkQueue, open: @escaping @Sendable () throws(DatabaseError) -> Connection) {
            self.queue = queue
            self.open = open
        }

        static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let argument else { return nil }
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.loop()
            start.queue.threadEnded()
            return nil
        }

        private func loop() {
            var connection: Connection?
            while let work = queue.next() {
                // A connection that could not be opened is tried again with the next work.
                do {
                    if connection == nil { connection = try open() }
                    if let connection { work(.success(connection)) }
                } catch {
                    work(.failure(error))
                }
            }
        }
    }
}
