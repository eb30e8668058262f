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
    core.connections.ended(exchange.connection)
}

let connectionChanged: mhd_shim_connection = { context, connection, _, code in
    guard let core = core(context), let connection else { return }
    if mhd_shim_is_opening(code) != 0 {
        core.connections.opened(
            connection, descriptor: mhd_shim_descriptor(connection),
            peer: addressText { mhd_shim_remote_address(connection, $0, $1) })
    } else {
        core.connections.closed(connection)
    }
}

let connectionOffered: mhd_shim_accept = { context, address, _ in
    guard let core = core(context), let address else { return .NO }
    return core.connections.mayAccept(addressText { mhd_shim_address(address, $0, $1) }) ? .YES : .NO
}

private func addressText(_ write: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        guard let base = buffer.baseAddress else { return "" }
        write(base, 64)
        return String(cString: base)
    }
}

let requestAccess: mhd_shim_access = { context, _, _, method, _, body, bodySize, request in
    guard let core = core(context), let pointer = request?.pointee, let method, let bodySize else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    switch exchange.phase {
    case .headers:
        exchange.phase = .body
        let message = exchange.readHeaders(method: String(cString: method), bodyLimit: core.bodyLimit)
        exchange.message = message
        core.connections.bodyBegan(exchange.connection)
        // Refused before a body is sent; libmicrohttpd then closes the connection.
        if exchange.isTooLarge { return exchange.send(.bodyTooLarge) }
        return .YES
    case .body where bodySize.pointee > 0:
        exchange.receive(UnsafeRawBufferPointer(start: body, count: bodySize.pointee), core)
        bodySize.pointee = 0
        return .YES
    case .body:
        exchange.phase = .waiting
        core.connections.resting(exchange.connection)
        if exchange.isUnaffordable { return exchange.send(.noMemory) }
        return exchange.isTooLarge ? exchange.send(.bodyTooLarge) : exchange.dispatch(core)
    case .waiting:
        guard let response = exchange.responseOrSuspend() else { return .YES }
        core.connections.answering(exchange.connection, bytes: response.knownLength)
        return exchange.send(response)
    case .answered:
        return .YES
    }
}

extension WebResponse {
    static let bodyTooLarge = WebResponse.text("The request body is too large.\n", status: 413)
    static let noMemory: WebResponse = {
        var response = WebResponse.text("The server is busy. Try again.\n", status: 503)
        response.headers["Retry-After"] = "5"
        return response
    }()
    static let tooManyRequests: WebResponse = {
        var response = WebResponse.text("Too many requests at once from this address.\n", status: 429)
        response.headers["Retry-After"] = "1"
        return response
    }()

    /// The body's bytes; `nil` for one that is made while it is sent.
    fileprivate var knownLength: Int? { if case .bytes(let body) = content { body.count } else { nil } }

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
        // What is only announced takes no memory.
        if !isTooLarge { message.body.reserveCapacity(min(announced, 64 << 10)) }
        return message
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ core: ServerCore) {
        core.connections.received(connection, bytes: bytes.count)
        guard !isTooLarge, !isUnaffordable, let count = message?.body.count else { return }
        if count + bytes.count > core.bodyLimit {
            isTooLarge = true
            message?.body = []
        } else if !core.reserve(bytes.count, for: self) {
            isUnaffordable = true
            message?.body = []
        } else {
            message?.body.append(contentsOf: bytes)
        }
    }

    /// Hands the complete request to the handler; the connection rests while a task computes the answer.
    func dispatch(_ core: ServerCore) -> MHD_Result {
        guard let message else { return send(.stopping) }
        let (address, isSecure) = core.trustedProxies.client(
            ofPeer: remoteAddress, message.headers, isSecure: core.isSecure)
        client = address
        switch core.admit(self) {
        case .admitted: break
        case .stopping: return send(.stopping)
        case .tooMany: return send(.tooManyRequests)
        }
        self.message = nil
        var request = WebRequest(message, remoteAddress: address)
        request.isSecure = isSecure
        switch core.handler(request) {
        case .now(let response):
            if case .stream = response.content {
                answer(response)
                core.submit(self)
            }
            core.connections.answering(connection, bytes: response.knownLength)
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
        addressText { mhd_shim_remote_address(connection, $0, $1) }
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
