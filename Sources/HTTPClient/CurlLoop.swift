import CCurl
import Glibc
import HTTPMessages
import Synchronization

/// The thread that drives curl's multi interface, and the way to it from tasks.
///
/// Not checked by the compiler: `multi`, `idle` and `active` are used only on the loop's thread, but for
/// `curl_multi_wakeup`, which curl allows from any thread while `multi` lives, and that is under the lock.
final class CurlLoop: @unchecked Sendable {
    private let options: CurlTransport.Options
    private let multi: UnsafeMutableRawPointer?
    private var idle: [UnsafeMutableRawPointer] = []
    private var active: [ObjectIdentifier: Transfer] = [:]
    private let mailbox = Mutex(Mailbox())

    private struct Mailbox {
        var submitted: [Transfer] = []
        var cancelled: [Transfer] = []
        var isStopping = false
        /// Whether the multi handle still exists.
        var isRunning = true
    }

    private static let mostIdleHandles = 64
    /// curl wants this once, before any thread uses it.
    private static let isInitialised: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ options: CurlTransport.Options) {
        self.options = options
        multi = Self.isInitialised ? curl_multi_init() : nil
        guard let multi else { return }
        curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, options.connectionsPerHost)
        curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, options.connections)
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.connections)
        curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    }

    /// Starts the thread. It keeps the loop alive until ``stop()``.
    func start() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let failed = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        if failed != 0 || multi == nil {
            if failed != 0 { context.release() }
            mailbox.withLock { $0.isStopping = true }
        } else {
            pthread_detach(thread)
        }
    }

    func stop() {
        post { $0.isStopping = true }
    }

    /// Hands over a transfer; `completion` is called once, on the loop's thread or at once when the loop has ended.
    func submit(_ transfer: Transfer, _ completion: @escaping (Result<HTTPResponse, HTTPTransportError>) -> Void) {
        transfer.completion = completion
        let isAccepted = post { mailbox in
            guard !mailbox.isStopping else { return false }
            mailbox.submitted.append(transfer)
            return true
        }
        if !isAccepted { transfer.complete(.failure(HTTPTransportError(.cancelled))) }
    }

    /// Ends a transfer. One that was not submitted yet is ended when it is.
    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .relaxed)
        post { $0.cancelled.append(transfer) }
    }

    /// Changes the mailbox and wakes the thread, which is not needed when it has other mail to come for.
    @discardableResult
    private func post<Result>(_ change: (inout Mailbox) -> Result) -> Result {
        mailbox.withLock { mailbox in
            let isEmpty = mailbox.submitted.isEmpty && mailbox.cancelled.isEmpty
            let result = change(&mailbox)
            if isEmpty, mailbox.isRunning, let multi { curl_multi_wakeup(multi) }
            return result
        }
    }

    private func run() {
        guard let multi else { return }
        while true {
            let mail = mailbox.withLock { mailbox in
                let mail = mailbox
                (mailbox.submitted, mailbox.cancelled) = ([], [])
                return mail
            }
            for transfer in mail.submitted { begin(transfer, multi) }
            for transfer in mail.cancelled where active[ObjectIdentifier(transfer)] != nil {
                end(transfer, multi, .failure(HTTPTransportError(.cancelled)))
            }
            if mail.isStopping { break }
            drive(multi)
        }
        shutDown(multi)
    }

    private func drive(_ multi: UnsafeMutableRawPointer) {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            var context: UnsafeMutableRawPointer?
            curl_get_pointer(easy, CURLINFO_PRIVATE, &context)
            guard let transfer = Transfer.borrow(context) else { continue }
            let code = curl_message_result(message)
            end(transfer, multi, code == CURLE_OK ? .success(transfer.response) : .failure(transfer.error(code)))
        }
        curl_multi_poll(multi, nil, 0, 1_000, nil)
    }

    private func begin(_ transfer: Transfer, _ multi: UnsafeMutableRawPointer) {
        guard !transfer.isCancelled.load(ordering: .relaxed) else {
            transfer.complete(.failure(HTTPTransportError(.cancelled)))
            return
        }
        guard let easy = idle.popLast() ?? curl_easy_init() else {
            transfer.complete(.failure(HTTPTransportError(.other, detail: "out of memory")))
            return
        }
        curl_easy_reset(easy)
        transfer.prepare(easy, options)
        active[ObjectIdentifier(transfer)] = transfer
        let code = curl_multi_add_handle(multi, easy)
        if code != CURLM_OK {
            end(
                transfer, multi,
                .failure(HTTPTransportError(.other, detail: String(cString: curl_multi_strerror(code)))))
        }
    }

    private func end(
        _ transfer: Transfer, _ multi: UnsafeMutableRawPointer, _ result: Result<HTTPResponse, HTTPTransportError>
    ) {
        active[ObjectIdentifier(transfer)] = nil
        if let easy = transfer.easy {
            curl_multi_remove_handle(multi, easy)
            // The handle must not point to the list or the transfer once they are gone.
            curl_easy_reset(easy)
            if idle.count < Self.mostIdleHandles { idle.append(easy) } else { curl_easy_cleanup(easy) }
        }
        curl_slist_free_all(transfer.headerList)
        (transfer.easy, transfer.headerList) = (nil, nil)
        transfer.complete(result)
    }

    private func shutDown(_ multi: UnsafeMutableRawPointer) {
        for transfer in Array(active.values) { end(transfer, multi, .failure(HTTPTransportError(.cancelled))) }
        let late = mailbox.withLock { mailbox in
            mailbox.isRunning = false
            return mailbox.submitted
        }
        for transfer in late { transfer.complete(.failure(HTTPTransportError(.cancelled))) }
        for easy in idle { curl_easy_cleanup(easy) }
        idle = []
        curl_multi_cleanup(multi)
    }
}
