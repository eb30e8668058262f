internal import WebServer

extension BodyStream {
    /// The same content in the gzip format, in pieces as they come.
    func compressed() -> BodyStream {
        BodyStream { writer in
            guard let gzip = Gzip() else { throw CancellationError() }
            let plain = BodyWriter { bytes in
                let small = gzip.compress(bytes, .none)
                if !small.isEmpty { try await writer.write(small) }
            }
            try await produce(plain)
            try await writer.write(gzip.compress([], .finish))
        }
    }
}
