import CMicrohttpdShim
import HTTPMessages

// libmicrohttpd calls these on its polling threads. The context is the ServerCore, which outlives the daemon; a request's
// context is its Exchange, retained from `began` to `ended`.

private func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
    context.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
}

let requestBegan: mhd_shim_begin = { _, target, connection in
    guard let target, let connection else { return nil }
    let exchange = Exchange(connection: connection, target: String(cString: target))
    return Unmanaged.passRetained(exchange).toOpaque()
}

let requestEnded: mhd_shim_end = { context, _, request, _ in
    guard let pointer = request?.pointee, let core = core(context) else { return }
    request?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
    exchange.close()
    core.dismiss(exchange)
}

let requestAccess: mhd_shim_access = { context, _, _, method, _, body, bodySize, request in
    guard let core = core(context), let pointer = request?.pointee, let method, let bodySize else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    switch exchange.phase {
    case .headers:
        exchange.phase = .body
        let message = exchange.readHeaders(method: String(cString: method), bodyLimit: core.bodyLimit)
        exchange.message = message
        // Refused before a body is sent; libmicrohttpd then closes the connection.
        if exchange.isTooLarge { return exchange.send(.bodyTooLarge) }
        return .YES
    case .body where bodySize.pointee > 0:
        exchange.receive(UnsafeRawBufferPointer(start: body, count: bodySize.pointee), limit: core.bodyLimit)
        bodySize.pointee = 0
        return .YES
    case .body:
        exchange.phase = .waiting
        return exchange.isTooLarge ? exchange.send(.bodyTooLarge) : exchange.dispatch(core)
    case .waiting:
        guard let response = exchange.responseOrSuspend() else { return .YES }
        return exchange.send(response)
    case .answered:
        return .YES
    }
}

extension WebResponse {
    static let bodyTooLarge = WebResponse.text("The request body is too large.\n", status: 413)
    static let stopping: WebResponse = {
        var response = WebResponse.text("The server is stopping.\n", status: 503)
        response.headers["Connection"] = "close"
        return response
    }()
}

extension Exchange {
    func readHeaders(method: String, bodyLimit: Int) -> HTTPRequest {
        var headers = HTTPHeaders()
        withUnsafeMutablePointer(to: &headers) { pointer in
            mhd_shim_headers(
                connection,
                { context, name, nameSize, value, valueSize in
                    guard let context, let name, let value else { return }
                    let nameText = String(decoding: UnsafeRawBufferPointer(start: name, count: nameSize), as: UTF8.self)
                    let valueText = String(
                        decoding: UnsafeRawBufferPointer(start: value, count: valueSize), as: UTF8.self)
                    context.assumingMemoryBound(to: HTTPHeaders.self).pointee.append(nameText, valueText)
                }, pointer)
        }
        let announced = headers["Content-Length"].flatMap { Int($0) } ?? 0
        isTooLarge = announced > bodyLimit
        var message = HTTPRequest(HTTPMethod(rawValue: method), target, headers: headers)
        if !isTooLarge { message.body.reserveCapacity(announced) }
        return message
    }

    func receive(_ bytes: UnsafeRawBufferPointer, limit: Int) {
        guard !isTooLarge, let count = message?.body.count else { return }
        if count + bytes.count > limit {
            isTooLarge = true
            message?.body = []
        } else {
            message?.body.append(contentsOf: bytes)
        }
    }

    /// Hands the complete request to the handler; the connection rests while a task computes the answer.
    func dispatch(_ core: ServerCore) -> MHD_Result {
        guard let message, core.admit(self) else { return send(.stopping) }
        self.message = nil
        switch core.handler(WebRequest(message, remoteAddress: remoteAddress)) {
        case .now(let response):
            if case .stream = response.content {
                answer(response)
                core.submit(self)
            }
            return send(response)
        case .later(let job):
            self.job = job
            started = ContinuousClock.now
            let suspended = responseOrSuspend() == nil
            core.submit(self)
            return suspended ? .YES : .NO
        }
    }

    private var remoteAddress: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            mhd_shim_remote_address(connection, base, 64)
            return String(cString: base)
        }
    }

    /// Queues `response`; called on the polling thread.
    func send(_ response: WebResponse) -> MHD_Result {
        phase = .answered
        if response.ending == .resetAtOnce {
            mhd_shim_reset(connection)
            return .NO
        }
        guard let queued = makeResponse(response) else { return .NO }
        defer { MHD_destroy_response(queued) }
        for header in response.headers { MHD_add_response_header(queued, header.name, header.value) }
        return MHD_queue_response(connection, UInt32(clamping: response.status), queued)
    }

    private func makeResponse(_ response: WebResponse) -> OpaquePointer? {
        switch response.content {
        case .bytes(let body):
            guard response.ending == .complete else { return makeBroken(body, response.ending) }
            return body.withUnsafeBytes { mhd_shim_response($0.baseAddress, $0.count) }
        case .stream(let stream):
            // UInt64.max is libmicrohttpd's "size unknown".
            return MHD_create_response_from_callback(
                stream.length.map { UInt64(clamping: $0) } ?? UInt64.max, 32 << 10,
                { context, _, buffer, limit in
                    guard let context, let buffer else { return -2 }
                    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                    switch exchange.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: limit)) {
                    case .bytes(let count): return count
                    case .end: return -1
                    case .failure: return -2
                    }
                }, Unmanaged.passRetained(self).toOpaque(), { $0.map { Unmanaged<Exchange>.fromOpaque($0).release() } })
        }
    }

    /// A body that announces its whole length and stops short of it.
    private func makeBroken(_ body: [UInt8], _ ending: WebResponse.Ending) -> OpaquePointer? {
        let source = BrokenBody(body: body, ending: ending, connection: connection)
        return MHD_create_response_from_callback(
            UInt64(body.count), 32 << 10,
            { context, position, buffer, limit in
                guard let context, let buffer else { return -2 }
                let source = Unmanaged<BrokenBody>.fromOpaque(context).takeUnretainedValue()
                return source.read(
                    from: Int(clamping: position), into: UnsafeMutableRawBufferPointer(start: buffer, count: limit))
            }, Unmanaged.passRetained(source).toOpaque(), { $0.map { Unmanaged<BrokenBody>.fromOpaque($0).release() } })
    }
}

/// The bytes of an answer that is broken off. Used on the connection's polling thread only.
private final class BrokenBody {
    let body: [UInt8]
    let cut: Int
    let resets: Bool
    let connection: OpaquePointer

    init(body: [UInt8], ending: WebResponse.Ending, connection: OpaquePointer) {
        self.body = body
        self.connection = connection
        switch ending {
        case .torn(let after): (cut, resets) = (min(after, body.count), false)
        case .reset(let after): (cut, resets) = (min(after, body.count), true)
        case .complete, .resetAtOnce: (cut, resets) = (body.count, false)
        }
    }

    func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard position < cut else {
            if resets { mhd_shim_reset(connection) }
            return -2
        }
        let end = min(cut, position + buffer.count)
        body[position..<end].withUnsafeBytes { buffer.copyMemory(from: $0) }
        return end - position
    }
}
