import { sharedFiles } from '../../support/nextcloud-files.js'
import { defineScript, nothing } from './script.js'

/** Every byte value once: no text. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64')

/** Folders and files, then what does not exist or is in the way. All of it is in one folder. */
export const filesScript = defineScript<undefined>({
  app: 'files',
  prepare: nothing,
  steps: [
    { name: 'create-directory', tool: 'createDirectory', args: ({ marker }) => ({ path: marker }) },
    { name: 'create-directory-again', tool: 'createDirectory', args: ({ marker }) => ({ path: marker }) },
    {
      name: 'create-directory-without-parent',
      tool: 'createDirectory',
      args: ({ marker }) => ({ path: `${marker}/missing/folder` }),
    },
    {
      name: 'write',
      tool: 'writeFile',
      args: ({ marker }) => ({ path: `${marker}/a b.txt`, content: 'first line\näöü 漢字 🦆\n' }),
    },
    {
      name: 'write-bytes',
      tool: 'writeFile',
      args: ({ marker }) => ({
        path: `${marker}/bytes.bin`,
        content: BYTES,
        content_type: 'application/octet-stream;base64',
      }),
    },
    {
      name: 'write-without-folder',
      tool: 'writeFile',
      args: ({ marker }) => ({ path: `${marker}/missing/a.txt`, content: 'a' }),
    },
    { name: 'list', tool: 'listDirectory', args: ({ marker }) => ({ path: marker }) },
    { name: 'read', tool: 'readFile', args: ({ marker }) => ({ path: `${marker}/a b.txt` }) },
    { name: 'read-bytes', tool: 'readFile', args: ({ marker }) => ({ path: `${marker}/bytes.bin` }) },
    { name: 'read-directory', tool: 'readFile', args: ({ marker }) => ({ path: marker }) },
    {
      name: 'copy',
      tool: 'copyResource',
      args: ({ marker }) => ({
        source_path: `${marker}/a b.txt`,
        destination_path: `${marker}/copy.txt`,
      }),
    },
    {
      name: 'copy-over',
      tool: 'copyResource',
      args: ({ marker }) => ({
        source_path: `${marker}/a b.txt`,
        destination_path: `${marker}/copy.txt`,
        overwrite: false,
      }),
    },
    {
      name: 'move',
      tool: 'moveResource',
      args: ({ marker }) => ({
        source_path: `${marker}/copy.txt`,
        destination_path: `${marker}/moved.txt`,
      }),
    },
    {
      name: 'move-missing',
      tool: 'moveResource',
      args: ({ marker }) => ({
        source_path: `${marker}/copy.txt`,
        destination_path: `${marker}/nowhere.txt`,
      }),
    },
    { name: 'delete', tool: 'deleteResource', args: ({ marker }) => ({ path: `${marker}/moved.txt` }) },
    { name: 'delete-again', tool: 'deleteResource', args: ({ marker }) => ({ path: `${marker}/moved.txt` }) },
    { name: 'read-missing', tool: 'readFile', args: ({ marker }) => ({ path: `${marker}/moved.txt` }) },
    { name: 'list-missing', tool: 'listDirectory', args: ({ marker }) => ({ path: `${marker}/missing` }) },
    { name: 'read-without-arguments', tool: 'readFile', args: () => ({}) },
    { name: 'delete-directory', tool: 'deleteResource', args: ({ marker }) => ({ path: marker }) },
  ],
  async cleanUp(ctx, { marker }) {
    await sharedFiles(ctx, 'alice').remove(marker)
  },
})
