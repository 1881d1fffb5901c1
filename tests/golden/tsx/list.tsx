import { useMemo, type ReactNode } from 'react'

interface ListProps<T> {
  items: readonly T[]
  render: (item: T) => ReactNode
}

/** A list that renders each item once. */
export function List<T extends { id: string }>({ items, render }: ListProps<T>) {
  const rows = useMemo(() => items.map((item) => <li key={item.id}>{render(item)}</li>), [items, render])
  return <ul>{rows}</ul>
}

export const Empty: React.FC = () => <p>Nothing here.</p>
