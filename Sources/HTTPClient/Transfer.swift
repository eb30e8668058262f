import CCurl
import Glibc
import HTTPMessages
import Synchronization

/// One request on its way.
///
/// Not checked by the compiler: everything but `request` is touched only by the loop's thread, from the moment the
/// transfer is submitted to the call of `completion`.
final class Transfer: @unchecked Sendable {
    /// Bytes of header fields accepted.
    static let headerLimit = 256 << 10

    let request: HTTPRequest
    let host: String
    /// Set from any thread; a transfer may be cancelled before the loop has heard of it.
    let isCancelled = Atomic(false)
    var completion: ((Result<HTTPResponse, HTTPTransportError>) -> Void)?
    var easy: UnsafeMutableRawPointer?
    var headerList: UnsafeMutablePointer<curl_slist>?
    var policy: AddressPolicy?
    private(set) var failure: HTTPTransportError.Code?
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body: [UInt8] = []
    /// curl writes what went wrong here; it needs a place that does not move.
    let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// - Throws: `invalidURL` for an address or header that could not be sent as it is.
    init(_ request: HTTPRequest) throws(HTTPTransportError) {
        guard let url = URLParts(request.url), request.url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPTransportError(.invalidURL, detail: "the address is not an http or https URL")
        }
        // A line break would let a value add header fields of its own.
        let isClean = request.headers.allSatisfy { field in
            !field.name.isEmpty && field.name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x3A && $0 < 0x7F }
                && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
        guard isClean, request.method.rawValue.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPTransportError(.invalidURL, detail: "a header or the method has a character it may not have")
        }
        self.request = request
        host = url.host
        message.pointee = 0
    }

    deinit {
        message.deallocate()
    }

    func complete(_ result: Result<HTTPResponse, HTTPTransportError>) {
        let completion = self.completion
        self.completion = nil
        completion?(result)
    }

    var response: HTTPResponse {
        var status = 0
        if let easy { curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status) }
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= request.responseBodyLimit else {
            failure = .bodyTooLarge
            return false
        }
        if body.isEmpty, let length = headers["Content-Length"].flatMap({ Int($0) }), length > bytes.count {
            body.reserveCapacity(min(length, request.responseBodyLimit))
        }
        body.append(contentsOf: bytes)
        return true
    }

    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            failure = .bodyTooLarge
            return false
        }
        // Each answer begins anew: of several (100 Continue, a proxy's) the last one counts.
        if bytes.starts(with: "HTTP/".utf8) {
            headers = HTTPHeaders()
            return true
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
        headers.append(Self.text(bytes[..<colon]), Self.text(bytes[(colon + 1)...]))
        return true
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        let start = bytes.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: UnsafeRawBufferPointer(rebasing: start[..<end]), as: UTF8.self)
    }

    /// Makes a socket for an address the policy permits.
    func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        if let policy, !policy.permits(host, NetworkAddress(address)) {
            failure = .addressRefused
            return curl_socket_t(-1)
        }
        return socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
}

extension NetworkAddress {
    /// Reads the address curl is about to connect to; of another family it has no bytes and counts as private.
    init(_ address: UnsafeMutablePointer<curl_sockaddr>) {
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
        let raw = UnsafeRawPointer(address).advanced(by: offset)
        let length = Int(address.pointee.addrlen)
        switch address.pointee.family {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            let value = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            self.init(withUnsafeBytes(of: value) { Array($0) })
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let value = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self.init(withUnsafeBytes(of: value) { Array($0) })
        default: self.init([])
        }
    }
}
