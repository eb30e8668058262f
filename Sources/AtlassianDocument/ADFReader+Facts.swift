import FastJSON

extension ADFReader {
    /// Attributes the tree keeps. Left out are only the editor's own housekeeping: `localId`, `uniqueId`,
    /// `occurrenceKey`, `accessLevel`, `version`, `style`, `wrap`, `hideLineNumbers`, `widthType`, `displayMode`,
    /// `isNumberColumnEnabled`, `originalWidth`, `originalHeight`, `panelIcon`, `panelIconId`.
    private static let attributeNames = NameTable<AttributeName>([
        ("level", .level), ("order", .order), ("colspan", .colspan), ("rowspan", .rowspan), ("width", .width),
        ("height", .height), ("language", .language), ("title", .title), ("panelType", .panelType),
        ("panelIconText", .panelIcon), ("panelColor", .background), ("state", .state), ("url", .url), ("id", .id),
        ("alt", .alt), ("collection", .collection), ("type", .mediaType), ("shortName", .shortName),
        ("text", .text), ("timestamp", .timestamp), ("color", .color), ("background", .background),
        ("valign", .valign), ("layout", .layout), ("colwidth", .columnWidths), ("extensionType", .extensionType),
        ("extensionKey", .extensionKey), ("resourceId", .resourceId), ("userType", .userType),
        ("parameters", .parameters), ("data", .data), ("datasource", .datasource),
    ])

    /// Sets the attributes and marks of the next node and answers its marks.
    mutating func readFacts(_ parts: Parts) throws(DocumentError) -> Marks {
        if let attrs = parts.attrs {
            for member in attrs.members {
                if let name = Self.attributeNames[member.key] { set(name, member.value) }
            }
        }
        return parts.marks == nil ? [] : try readMarks(parts.marks)
    }

    /// Sets one attribute, whatever JSON type a sender chose for it.
    private mutating func set(_ name: AttributeName, _ value: JSONView) {
        if name.isNumber {
            let number = value.double ?? value.string.flatMap { Double($0) }
            if let number, number.isFinite { builder.set(name, Int(max(-1e9, min(1e9, number)))) }
            return
        }
        switch value.kind {
        case .string: if let text = value.utf8 { builder.set(name, text) }
        case .null: break
        default: builder.set(name, String(decoding: value.serialized(), as: UTF8.self))
        }
    }

    private enum MarkKind {
        case effect(Marks)
        case link, subsup, textColor, backgroundColor, annotation
        case alignment, indentation, fontSize, breakout, border, dataConsumer, fragment
    }

    private static let markKinds = NameTable<MarkKind>([
        ("strong", .effect(.strong)), ("em", .effect(.em)), ("strike", .effect(.strike)),
        ("underline", .effect(.underline)), ("code", .effect(.code)), ("link", .link), ("subsup", .subsup),
        ("textColor", .textColor), ("backgroundColor", .backgroundColor), ("annotation", .annotation),
        ("alignment", .alignment), ("indentation", .indentation), ("fontSize", .fontSize), ("breakout", .breakout),
        ("border", .border), ("dataConsumer", .dataConsumer), ("fragment", .fragment),
    ])

    /// Reads a node's marks; what a mark carries becomes attributes of the next node.
    mutating func readMarks(_ list: JSONView?) throws(DocumentError) -> Marks {
        var marks: Marks = []
        guard let list else { return marks }
        for mark in list.elements {
            let parts = Parts(mark)
            guard let kind = parts.type.flatMap({ Self.markKinds[$0] }) else {
                marks.insert(.unknown)
                builder.set(.unknownMark, String(decoding: mark.serialized(), as: UTF8.self))
                continue
            }
            read(kind, parts.attrs, into: &marks)
        }
        return marks
    }

    private mutating func read(_ kind: MarkKind, _ attrs: JSONView?, into marks: inout Marks) {
        switch kind {
        case .effect(let effect): marks.insert(effect)
        case .link:
            guard let href = attrs?["href"]?.utf8 else { return }
            marks.insert(.link)
            builder.set(.href, href)
            if let title = attrs?["title"]?.utf8, !title.isEmpty { builder.set(.linkTitle, title) }
        case .subsup: marks.insert(attrs?["type"]?.string == "sub" ? .subscript : .superscript)
        case .textColor: if setMark(.color, attrs?["color"]) { marks.insert(.textColor) }
        case .backgroundColor: if setMark(.background, attrs?["color"]) { marks.insert(.backgroundColor) }
        case .annotation: if setMark(.annotation, attrs?["id"]) { marks.insert(.annotation) }
        case .alignment: setMark(.align, attrs?["align"])
        case .indentation: if let level = attrs?["level"] { set(.indentation, level) }
        case .fontSize: setMark(.fontSize, attrs?["fontSize"])
        case .breakout: setMark(.breakout, attrs?["mode"])
        case .border:
            if let size = attrs?["size"] { set(.borderSize, size) }
            setMark(.borderColor, attrs?["color"])
        case .dataConsumer: setMark(.dataSources, attrs?["sources"])
        case .fragment: setMark(.fragment, attrs)
        }
    }

    @discardableResult
    private mutating func setMark(_ name: AttributeName, _ value: JSONView?) -> Bool {
        guard let value, !value.isNull else { return false }
        set(name, value)
        return true
    }
}
