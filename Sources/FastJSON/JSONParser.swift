import CSimdJSON

/// A reusable JSON parser over simdjson, for the paths where every byte of Jira's answers passes through.
///
/// Reads JSON at memory speed by lending a view of the parser's own tape; nothing is copied until the caller asks for a
/// string. One parser serves one task at a time, so the type is not `Sendable`: give each worker its own.
public final class JSONParser {
    private let shim: OpaquePointer

    /// - Parameter maximumDepth: Documents nested deeper than this are refused with ``JSONError``.
    public init(maximumDepth: Int = 1_024) {
        shim = simdjson_shim_new(maximumDepth)
    }

    deinit {
        simdjson_shim_free(shim)
    }

    /// Parses `bytes` and lends the document's root to `body`. The view must not leave `body`.
    ///
    /// - Throws: ``JSONError`` for anything that is not one well-formed UTF-8 JSON document; whatever `body` throws.
    public func parse<Result>(_ bytes: [UInt8], _ body: (JSONView) throws -> Result) throws -> Result {
        try bytes.withUnsafeBufferPointer { try parse($0, body) }
    }

    /// Parses borrowed bytes; see ``parse(_:_:)-([UInt8],_)``.
    public func parse<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (JSONView) throws -> Result
    ) throws -> Result {
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw JSONError("the document is empty") }
        var tape: UnsafePointer<UInt64>?
        var strings: UnsafePointer<UInt8>?
        let code = simdjson_shim_parse(shim, base, bytes.count, &tape, &strings)
        guard code == 0, let tape, let strings else {
            throw JSONError(String(cString: simdjson_shim_message(code)))
        }
        return try withExtendedLifetime(self) { try body(JSONView(tape: tape, strings: strings, index: 1)) }
    }
}

/// Why a text is not acceptable JSON. The message carries no part of the text.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }

    public var description: String { "invalid JSON: \(message)" }
}
