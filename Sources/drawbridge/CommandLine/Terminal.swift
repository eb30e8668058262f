import Foundation
import Synchronization

/// Where the program speaks: results on standard output, everything else on standard error.
enum Terminal {
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    static func print(_ bytes: [UInt8]) {
        write(bytes + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    /// Writes a piece of a long answer.
    static func stream(_ bytes: [UInt8]) throws {
        guard write(bytes, to: STDOUT_FILENO) else { throw OutputClosed() }
    }

    /// A remark for the person at the terminal.
    static func note(_ text: String) {
        progressLine.withLock { shown in
            if shown { write("\r\u{1B}[K", to: STDERR_FILENO) }
            shown = false
        }
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Shows `text` as the one line that changes while work goes on; nothing where standard error is not a terminal.
    static func progress(_ text: String) {
        guard errorIsTerminal else { return }
        progressLine.withLock { $0 = true }
        write("\r\u{1B}[K" + text.prefix(columns - 1), to: STDERR_FILENO)
    }

    /// Removes the progress line.
    static func endProgress() {
        progressLine.withLock { shown in
            if shown { write("\r\u{1B}[K", to: STDERR_FILENO) }
            shown = false
        }
    }

    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return (number < 0 ? "-" : "") + digits
    }

    /// `[=====>    ]`, filled to `fraction` of 1.
    static func bar(_ fraction: Double, width: Int = 28) -> String {
        let filled = Int(min(1, max(0, fraction)) * Double(width))
        return "[" + String(repeating: "━", count: filled) + String(repeating: " ", count: width - filled) + "]"
    }

    static func bold(_ text: String) -> String {
        outputIsTerminal ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    static func dim(_ text: String) -> String {
        outputIsTerminal ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }

    private static let progressLine = Mutex(false)

    private static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    @discardableResult
    private static func write(_ text: some StringProtocol, to file: Int32) -> Bool {
        write(Array(text.utf8), to: file)
    }

    /// Answers false where the reader went away (a closed pipe).
    @discardableResult
    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

/// Nobody reads standard output any more.
struct OutputClosed: Error, CustomStringConvertible {
    let description = "standard output was closed before everything was written"
}
