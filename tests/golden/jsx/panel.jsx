import React, { useState } from 'react'
import './panel.css'

/** A panel that can be folded. */
export default function Panel({ title, children }) {
  const [open, setOpen] = useState(true)
  const toggle = () => setOpen((value) => !value)
  return (
    <section className="panel">
      <h2 onClick={toggle}>{title}</h2>
      {open && <div className="body">{children}</div>}
    </section>
  )
}

export const Row = ({ label, value }) => (
  <tr>
    <th>{label}</th>
    <td>{value}</td>
  </tr>
)

export class Boundary extends React.Component {
  state = { error: null }

  static getDerivedStateFromError(error) {
    return { error }
  }

  render() {
    return this.state.error ? <p>Something broke.</p> : this.props.children
  }
}
