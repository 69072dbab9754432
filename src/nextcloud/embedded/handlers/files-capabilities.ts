import { contentHash } from './conditional.js'
import { FORBIDDEN_NAMES } from './dav/files/file-names.js'

/** What the capabilities say of the files app. */
export function filesCapabilities(origin: string): Record<string, unknown> {
  return {
    $comment: '"blacklisted_files" is deprecated as of Nextcloud 30, use "forbidden_filenames" instead',
    blacklisted_files: FORBIDDEN_NAMES.names,
    forbidden_filenames: FORBIDDEN_NAMES.names,
    forbidden_filename_basenames: [],
    forbidden_filename_characters: FORBIDDEN_NAMES.characters,
    forbidden_filename_extensions: FORBIDDEN_NAMES.suffixes,
    bigfilechunking: true,
    chunked_upload: { max_size: 104_857_600, max_parallel_count: 5 },
    file_conversions: [],
    windows_compatible_filenames: false,
    directEditing: {
      url: `${origin}/ocs/v2.php/apps/files/api/v1/directEditing`,
      etag: contentHash([]),
      supportsFileId: true,
    },
    comments: true,
    undelete: true,
    delete_from_trash: true,
    versioning: true,
    version_labeling: true,
    version_deletion: true,
  }
}
