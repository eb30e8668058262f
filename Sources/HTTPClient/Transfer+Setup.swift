import CCurl
import HTTPMessages

extension Transfer {
    /// Prepares `easy`, fresh or reset, for this request.
    func prepare(_ easy: UnsafeMutableRawPointer, _ options: CurlTransport.Options) {
        self.easy = easy
        policy = options.proxy == nil ? options.addresses : nil
        let context = Unmanaged.passUnretained(self).toOpaque()
        curl_set_string(easy, CURLOPT_URL, request.url)
        curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
        curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        curl_set_long(easy, CURLOPT_PIPEWAIT, 1)
        curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout.wholeMilliseconds)
        curl_set_long(easy, CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds)
        curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
        // Set even when empty: otherwise curl takes proxies from the environment.
        curl_set_string(easy, CURLOPT_PROXY, options.proxy ?? "")
        if let exceptions = options.proxyExceptions { curl_set_string(easy, CURLOPT_NOPROXY, exceptions) }
        if let file = options.authorityFile { curl_set_string(easy, CURLOPT_CAINFO, file) }
        curl_set_pointer(easy, CURLOPT_PRIVATE, context)
        prepareMethod(easy)
        prepareHeaders(easy, options)
        prepareCallbacks(easy, context)
    }

    private func prepareMethod(_ easy: UnsafeMutableRawPointer) {
        switch request.method {
        case .get where request.body.isEmpty: curl_set_long(easy, CURLOPT_HTTPGET, 1)
        case .head: curl_set_long(easy, CURLOPT_NOBODY, 1)
        default:
            curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            request.body.withUnsafeBytes { body in
                _ = curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, body.baseAddress ?? UnsafeRawPointer(message))
            }
            curl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    private func prepareHeaders(_ easy: UnsafeMutableRawPointer, _ options: CurlTransport.Options) {
        // curl would ask before sending a larger body, and wait a second for servers that do not answer that.
        headerList = curl_slist_append(nil, "Expect:")
        if request.headers["Content-Type"] == nil { headerList = curl_slist_append(headerList, "Content-Type:") }
        if request.headers["User-Agent"] == nil { curl_set_string(easy, CURLOPT_USERAGENT, options.userAgent) }
        for field in request.headers {
            let line = field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
            headerList = curl_slist_append(headerList, line)
        }
        curl_set_list(easy, CURLOPT_HTTPHEADER, headerList)
    }

    private func prepareCallbacks(_ easy: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer) {
        curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        curl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.borrow(context)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) == true
                ? size * count : 0
        }
        curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        curl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.borrow(context)?.receive(
                headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count)) == true ? size * count : 0
        }
        curl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context)
        curl_set_open_socket(easy) { context, _, address in
            guard let address else { return curl_socket_t(-1) }
            return Transfer.borrow(context)?.openSocket(address) ?? curl_socket_t(-1)
        }
    }

    /// The transfer curl was told of; the loop keeps it alive until curl has let go of it.
    static func borrow(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// What curl's code means.
    func error(_ code: CURLcode) -> HTTPTransportError {
        if let failure { return HTTPTransportError(failure, detail: Self.words(failure)) }
        let kind: HTTPTransportError.Code =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidURL
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .hostNotFound
            case CURLE_COULDNT_CONNECT: .cannotConnect
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
                .secureConnectionFailed
            case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
                CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
                .connectionLost
            case CURLE_FILESIZE_EXCEEDED: .bodyTooLarge
            default: .other
            }
        return HTTPTransportError(kind, detail: detail(code, kind))
    }

    private func detail(_ code: CURLcode, _ kind: HTTPTransportError.Code) -> String {
        // Only of connecting does curl say more without quoting the request or the answer.
        let says: Set<HTTPTransportError.Code> = [.hostNotFound, .cannotConnect, .secureConnectionFailed]
        if says.contains(kind), message.pointee != 0 { return String(cString: message) }
        // Of a proxy that wants a password, the status it refused the tunnel with.
        let words = String(cString: message)
        if words.hasPrefix("CONNECT tunnel failed") { return words }
        return curl_easy_strerror(code).map { String(cString: $0) } ?? "curl error \(code.rawValue)"
    }

    private static func words(_ failure: HTTPTransportError.Code) -> String {
        switch failure {
        case .bodyTooLarge: "the answer is larger than its limit"
        case .addressRefused: "the host resolves to an address that may not be used"
        default: ""
        }
    }
}

extension Duration {
    /// At least one: curl takes zero for "no limit".
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
    }
}
