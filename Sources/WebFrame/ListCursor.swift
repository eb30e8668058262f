internal import Cryptography
public import FastJSON

/// A place in a list, as the API gives it out: opaque, and nothing a caller could use to see more, as what follows it is
/// read for the caller again.
public enum ListCursor {
    /// The text of a cursor.
    ///
    /// - Parameter list: Which list it belongs to: a cursor of another list is refused.
    public static func encode(_ place: JSONValue, of list: String) -> String {
        Base64URL.encode(JSONValue.array([.string(list), place]).serialized())
    }

    /// The place that a cursor stands for; `nil` where none was given.
    ///
    /// - Throws: ``Problem`` 400 `invalid_cursor`.
    public static func decode(_ text: String?, of list: String) throws(Problem) -> JSONValue? {
        guard let text else { return nil }
        guard text.utf8.count <= 1_024, let bytes = Base64URL.decode(text.utf8),
            let value = try? JSONValue(parsing: bytes), value[0]?.string == list, let place = value[1]
        else { throw .badRequest("invalid_cursor", "This is no cursor of this list. Begin again without one.") }
        return place
    }
}
