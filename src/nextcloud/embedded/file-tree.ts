import { randomBytes } from 'node:crypto'
import type { EmbeddedContext } from './context.js'

interface NodeBase {
  /** The file id, which stays the same when a node is moved. */
  readonly id: number
  name: string
  /** `null` for the root only. */
  parent: FolderNode | null
  /** Seconds; of a folder the last change below it. Clients may set it. */
  mtimeSeconds: number
  /** Seconds of the last change of any kind, also of its name or place. */
  changedSeconds: number
  readonly createdSeconds: number
  /** Without quotes: 32 hexadecimal digits for files, 13 for folders. */
  etag: string
  favorite: boolean
  /** Properties that the server only keeps, Clark name to XML. */
  readonly deadProperties: Map<string, string>
}

export interface FileNode extends NodeBase {
  readonly kind: 'file'
  content: Buffer<ArrayBuffer>
}

export interface FolderNode extends NodeBase {
  readonly kind: 'folder'
  readonly children: Map<string, TreeNode>
  /** Bytes of all files below. */
  size: number
  /** The children by name, as last listed. */
  sorted: readonly TreeNode[] | undefined
}

export type TreeNode = FileNode | FolderNode

/**
 * The files of one user, the single truth for WebDAV and for the apps that keep files. Knows no rules about names; what
 * a request may do is its caller's business. A text file's attachments, a folder `.attachments.<id>` beside it, go where
 * the file goes, as Nextcloud's Text app has it.
 */
export class FileTree {
  readonly root: FolderNode
  /** Changes with every change of anything in the tree. */
  revision = 0
  readonly #nextId: () => number
  readonly #byId = new Map<number, TreeNode>()

  /** @param nextId makes ids that are unique on the instance */
  constructor(nextId: () => number, nowSeconds: number) {
    this.#nextId = nextId
    this.root = this.#newFolder('', null, nowSeconds)
  }

  byId(id: number): TreeNode | undefined {
    return this.#byId.get(id)
  }

  /** The node at a path of decoded names; no names are the root. */
  at(path: readonly string[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.root
    for (const name of path) node = node?.kind === 'folder' ? node.children.get(name) : undefined
    return node
  }

  /** Makes a file or replaces the content of one. A folder of that name must not be there. */
  write(folder: FolderNode, name: string, content: Buffer<ArrayBuffer>, nowSeconds: number): FileNode {
    const known = folder.children.get(name)
    const file = known?.kind === 'file' ? known : this.#newFile(name, folder, nowSeconds)
    const growth = content.length - file.content.length
    file.content = content
    file.etag = fileEtag()
    file.mtimeSeconds = nowSeconds
    this.#changed(file, nowSeconds, growth)
    return file
  }

  /** Makes an empty folder. Nothing of that name may be there. */
  makeFolder(parent: FolderNode, name: string, nowSeconds: number): FolderNode {
    const folder = this.#newFolder(name, parent, nowSeconds)
    this.#changed(folder, nowSeconds, 0)
    return folder
  }

  /** The folder at a path of names below `from`, made as far as it is not there; `undefined` when a file is in the way. */
  ensureFolder(from: FolderNode, path: readonly string[], nowSeconds: number): FolderNode | undefined {
    let folder = from
    for (const name of path) {
      const next = folder.children.get(name) ?? this.makeFolder(folder, name, nowSeconds)
      if (next.kind === 'file') return undefined
      folder = next
    }
    return folder
  }

  /** Removes a node with all below it. Not for the root. */
  remove(node: TreeNode, nowSeconds: number): void {
    const attachments = attachmentsOf(node)
    this.#detach(node, nowSeconds)
    for (const gone of descendants(node)) this.#byId.delete(gone.id)
    if (attachments !== undefined) this.remove(attachments, nowSeconds)
  }

  /** Gives a node another place or name. Nothing may be there yet, and `folder` must not be below the node. */
  move(node: TreeNode, folder: FolderNode, name: string, nowSeconds: number): void {
    const attachments = node.parent === folder ? undefined : attachmentsOf(node)
    this.#detach(node, nowSeconds)
    node.name = name
    this.#attach(node, folder)
    for (const moved of descendants(node)) moved.changedSeconds = nowSeconds
    this.#changed(node, nowSeconds, sizeOf(node))
    if (attachments !== undefined && !folder.children.has(attachments.name)) {
      this.move(attachments, folder, attachments.name, nowSeconds)
    }
  }

  /** Copies a node, with all below it unless `isShallow`. Nothing may be there yet. */
  copy(node: TreeNode, folder: FolderNode, name: string, nowSeconds: number, isShallow = false): TreeNode {
    // Listed first: the copy may lie inside the original's parent, never inside the original.
    const children = node.kind === 'folder' && !isShallow ? childrenOf(node) : []
    const copied =
      node.kind === 'file'
        ? this.write(folder, name, node.content, nowSeconds)
        : this.makeFolder(folder, name, nowSeconds)
    for (const [property, value] of node.deadProperties) copied.deadProperties.set(property, value)
    if (copied.kind === 'folder') {
      for (const child of children) this.copy(child, copied, child.name, nowSeconds)
    }
    return copied
  }

  /** Changes what a node has besides its content. */
  touch(
    node: TreeNode,
    changes: { readonly mtimeSeconds?: number; readonly favorite?: boolean },
    nowSeconds: number,
  ): void {
    Object.assign(node, changes)
    node.changedSeconds = nowSeconds
    this.revision += 1
  }

  #newFolder(name: string, parent: FolderNode | null, nowSeconds: number): FolderNode {
    const folder: FolderNode = {
      kind: 'folder',
      ...this.#newBase(name, nowSeconds),
      etag: folderEtag(),
      children: new Map(),
      size: 0,
      sorted: undefined,
    }
    this.#byId.set(folder.id, folder)
    if (parent !== null) this.#attach(folder, parent)
    return folder
  }

  #newFile(name: string, parent: FolderNode, nowSeconds: number): FileNode {
    const content = Buffer.alloc(0)
    const file: FileNode = { kind: 'file', ...this.#newBase(name, nowSeconds), etag: '', content }
    this.#byId.set(file.id, file)
    this.#attach(file, parent)
    return file
  }

  #newBase(name: string, nowSeconds: number): Omit<NodeBase, 'etag'> {
    return {
      id: this.#nextId(),
      name,
      parent: null,
      mtimeSeconds: nowSeconds,
      changedSeconds: nowSeconds,
      createdSeconds: nowSeconds,
      favorite: false,
      deadProperties: new Map(),
    }
  }

  #attach(node: TreeNode, folder: FolderNode): void {
    node.parent = folder
    folder.children.set(node.name, node)
    folder.sorted = undefined
  }

  #detach(node: TreeNode, nowSeconds: number): void {
    const { parent } = node
    if (parent === null) return
    parent.children.delete(node.name)
    parent.sorted = undefined
    this.#changed(parent, nowSeconds, 0)
    this.#grow(parent, -sizeOf(node))
  }

  /** Every change is seen in all folders above. */
  #changed(node: TreeNode, nowSeconds: number, growth: number): void {
    this.revision += 1
    node.changedSeconds = nowSeconds
    const first = node.kind === 'folder' ? node : node.parent
    for (let folder = first; folder !== null; folder = folder.parent) {
      folder.etag = folderEtag()
      folder.mtimeSeconds = Math.max(folder.mtimeSeconds, nowSeconds)
    }
    if (growth !== 0 && node.parent !== null) this.#grow(node.parent, growth)
  }

  #grow(from: FolderNode, growth: number): void {
    for (let folder: FolderNode | null = from; folder !== null; folder = folder.parent) folder.size += growth
  }
}

/** The user's tree, made with the first use. */
export function fileTreeOf(ctx: EmbeddedContext, userId: string): FileTree {
  const { fileTrees } = ctx.store
  const known = fileTrees.get(userId)
  if (known !== undefined) return known
  const made = new FileTree(() => ctx.store.nextId(), ctx.clock.nowSeconds())
  fileTrees.set(userId, made)
  return made
}

/** Names from the root to the node; none for the root. */
export function pathOf(node: TreeNode): string[] {
  const names: string[] = []
  for (let current = node; current.parent !== null; current = current.parent) names.unshift(current.name)
  return names
}

/** Whether `node` is `above` or lies somewhere below it. */
export function isWithin(node: TreeNode, above: TreeNode): boolean {
  for (let current: TreeNode | null = node; current !== null; current = current.parent) {
    if (current === above) return true
  }
  return false
}

/** The children of a folder by name, capital letters first. */
export function childrenOf(folder: FolderNode): readonly TreeNode[] {
  folder.sorted ??= Array.from(folder.children.values()).sort((a, b) => (a.name < b.name ? -1 : 1))
  return folder.sorted
}

/** The node and all below it, a folder before its children. */
export function* descendants(node: TreeNode): Generator<TreeNode> {
  const pending = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next
    if (next.kind === 'folder') for (const child of childrenOf(next).toReversed()) pending.push(child)
  }
}

/** Bytes of a file, or of all files in a folder. */
export function sizeOf(node: TreeNode): number {
  return node.kind === 'file' ? node.content.length : node.size
}

/** Name of the folder with the attachments of a text file. */
export function attachmentsName(file: Pick<FileNode, 'id'>): string {
  return `.attachments.${file.id}`
}

function attachmentsOf(node: TreeNode): FolderNode | undefined {
  if (node.kind === 'folder') return undefined
  const beside = node.parent?.children.get(attachmentsName(node))
  return beside?.kind === 'folder' ? beside : undefined
}

function fileEtag(): string {
  return randomBytes(16).toString('hex')
}

function folderEtag(): string {
  return randomBytes(7).toString('hex').slice(0, 13)
}
