internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import SignIn
internal import WebFrame
internal import WebServer

extension WebFrame.Call<CocoServices> {
    /// The body as a JSON object, whatever media type it claims: curl's `-d` claims a form.
    func object() throws(Problem) -> JSONValue {
        let value = try json()
        guard case .object(let members) = value else { throw .invalid("The body must be a JSON object.") }
        guard Set(members.map(\.key)).count == members.count else {
            throw .invalid("The body names the same member twice.")
        }
        return value
    }

    /// The body as JSON; `null` where there is none.
    func json() throws(Problem) -> JSONValue {
        let body = request.message.body
        if body.isEmpty { return .null }
        do {
            return try JSONParser(maximumDepth: 32).parse(body) { JSONValue($0) }
        } catch {
            throw .invalid("The body is not JSON, or nested more than 32 deep.")
        }
    }

    /// A number of the query; `standard` where it is not given.
    func number(_ name: String, _ standard: Int, in range: ClosedRange<Int>) throws(Problem) -> Int {
        guard let text = request.query[name], !text.isEmpty else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid("\(name) must be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// Whether a query parameter says yes.
    func says(_ name: String) -> Bool { request.query[name] == "true" }

    /// Where clients reach this server: as configured, or as this request did.
    var baseURL: String {
        if let url = services.publicURL { return url.hasSuffix("/") ? String(url.dropLast()) : url }
        let host = request.message.headers["Host"] ?? ""
        let isPlain = host.utf8.allSatisfy { byte in
            (0x30...0x3A).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5B, 0x5D].contains(byte)
        }
        guard isPlain, !host.isEmpty, host.utf8.count <= 255 else { return "" }
        return (request.isSecure ? "https://" : "http://") + host
    }

    /// A `GET` that changes something needs the same proof against other sites' pages as other changes.
    func requireOwnPages() throws {
        guard case .session = caller.via else { return }
        var message = request.message
        message.method = .post
        try services.signIn.authenticator.crossSiteCheck.require(message, formToken: caller.formToken)
    }
}

extension JSONValue {
    /// A member that must be text where it is given.
    func text(_ name: String, upTo limit: Int = 4_096) throws(Problem) -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let text = value.string else { throw .invalid("\(name) must be a string.") }
        guard text.utf8.count <= limit, !text.unicodeScalars.contains(where: { $0.value < 0x20 && $0.value != 0x0A })
        else { throw .invalid("\(name) must have at most \(limit) bytes without control characters.") }
        return text
    }

    /// A member that must be true or false where it is given.
    func flag(_ name: String) throws(Problem) -> Bool? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let flag = value.bool else { throw .invalid("\(name) must be true or false.") }
        return flag
    }

    /// A member that must be an object where it is given.
    func part(_ name: String) throws(Problem) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        guard case .object = value else { throw .invalid("\(name) must be an object.") }
        return value
    }

    /// The object with a member put in the place of one of the same name, or at the end; `nil` takes it out.
    func with(_ name: String, _ value: JSONValue?) -> JSONValue {
        guard case .object(var members) = self else { return self }
        let place = members.firstIndex { $0.key == name }
        switch (place, value) {
        case (let place?, let value?): members[place].value = value
        case (let place?, nil): members.remove(at: place)
        case (nil, let value?): members.append(Member(name, value))
        case (nil, nil): break
        }
        return .object(members)
    }

    /// The object with the members of another over its own.
    func merged(with other: JSONValue) -> JSONValue {
        guard case .object(let members) = other else { return self }
        return members.reduce(self) { $0.with($1.key, $1.value) }
    }

    /// An object of the members that have a value.
    static func record(_ members: (String, JSONValue?)...) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }
}
