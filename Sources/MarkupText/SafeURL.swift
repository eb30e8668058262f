/// The one place that decides which addresses a document may link to: `http`, `https`, `mailto` and relative ones.
package enum SafeURL {
    /// Whether the address names `http`, `https` or `mailto`.
    package static func isWebOrMail(_ url: some Collection<UInt8>) -> Bool {
        guard let scheme = scheme(of: url) else { return false }
        return scheme == "http" || scheme == "https" || scheme == "mailto"
    }

    /// The address if it is safe to link to, else `nil`.
    ///
    /// Browsers drop control characters and surrounding blanks before they look for a scheme, so this does too; what
    /// then has a scheme other than the three is refused, and so is anything with a control character left inside.
    package static func link(_ url: some Collection<UInt8>) -> [UInt8]? {
        var trimmed = Array(url)
        while let last = trimmed.last, last <= 0x20 { trimmed.removeLast() }
        trimmed = Array(trimmed.drop { $0 <= 0x20 })
        guard !trimmed.isEmpty, trimmed.count <= 8_192, !trimmed.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            return nil
        }
        if isWebOrMail(trimmed) { return trimmed }
        guard scheme(of: trimmed) == nil else { return nil }
        // A relative address: a path, a query, or an anchor. `//host` and `\\host` would leave the site unnoticed.
        let second = trimmed.count > 1 ? trimmed[1] : 0
        switch trimmed[0] {
        case UInt8(ascii: "#"), UInt8(ascii: "?"): return trimmed
        case UInt8(ascii: "/") where second != UInt8(ascii: "/") && second != UInt8(ascii: "\\"): return trimmed
        default: return nil
        }
    }

    /// Whether a file name ends like an image that browsers show.
    package static func looksLikeImage(_ name: [UInt8]) -> Bool {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let suffix = String(decoding: name[(dot + 1)...].prefix(8), as: UTF8.self).lowercased()
        return ["png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "avif"].contains(suffix)
    }

    /// The scheme in lower case: everything before the first `:` unless a `/`, `?` or `#` comes first.
    private static func scheme(of url: some Collection<UInt8>) -> String? {
        var scheme: [UInt8] = []
        for byte in url {
            switch byte {
            case UInt8(ascii: ":"): return String(decoding: scheme, as: UTF8.self)
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return nil
            default: scheme.append(byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte)
            }
            if scheme.count > 64 { return String(decoding: scheme, as: UTF8.self) }
        }
        return nil
    }
}
