/// A value that a statement can take as an argument; `nil` is SQL's `NULL`.
public protocol Value {
    /// Binds the value to the parameter at `index`, counted from 1.
    func bind(to statement: Statement, at index: Int)
}

extension Int64: Value {
    public func bind(to statement: Statement, at index: Int) { statement.bind(index, self) }
}

extension Int: Value {
    public func bind(to statement: Statement, at index: Int) { statement.bind(index, Int64(self)) }
}

extension Double: Value {
    public func bind(to statement: Statement, at index: Int) { statement.bind(index, self) }
}

extension Bool: Value {
    public func bind(to statement: Statement, at index: Int) { statement.bind(index, Int64(self ? 1 : 0)) }
}

extension String: Value {
    public func bind(to statement: Statement, at index: Int) { statement.bind(index, self) }
}

extension [UInt8]: Value {
    public func bind(to statement: Statement, at index: Int) { statement.bind(index, self) }
}
