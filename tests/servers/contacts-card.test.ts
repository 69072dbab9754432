import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedCard, newCard, readContact, uidOf } from '../../src/servers/tools/contacts-card.js'
import { cardChanges, newContact } from '../../src/servers/tools/contacts-input.js'

function card(...lines: string[]): string {
  return ['BEGIN:VCARD', 'VERSION:3.0', 'UID:u', ...lines, 'END:VCARD', ''].join('\r\n')
}

function linesOf(vcard: string): readonly string[] {
  return vcard.split('\r\n')
}

describe('a new card', () => {
  it('holds what it was given, and a structured name', () => {
    const data = newContact.parse({
      fn: 'Ann Mary Example',
      email: ['a@example.com', 'b@example.com'],
      tel: '+1 555',
      note: 'one\ntwo; three, four \\',
      nickname: 'Annie',
      bday: '1990-02-03',
      categories: 'friends, work',
      org: 'Acme, Inc.;Sales',
      title: 'Head; of, Sales',
    })
    const written = newCard('u 1', cardChanges(data))
    expect(linesOf(written)).toEqual(
      expect.arrayContaining([
        'UID:u 1',
        'N:Example;Ann Mary;;;',
        'CATEGORIES:friends,work',
        'ORG:Acme\\, Inc.;Sales',
      ]),
    )
    expect(uidOf(written)).toBe('u 1')
    expect(readContact(written)).toEqual({
      fullname: 'Ann Mary Example',
      nickname: 'Annie',
      birthday: '1990-02-03',
      email: ['a@example.com', 'b@example.com'],
      tel: ['+1 555'],
      organization: 'Acme, Inc.;Sales',
      title: 'Head; of, Sales',
      note: 'one\ntwo; three, four \\',
      categories: ['friends', 'work'],
    })
  })

  it('cannot be made to hold other properties than asked for', () => {
    const noise = fc.string({ unit: 'binary', minLength: 1 })
    fc.assert(
      fc.property(noise, noise, noise, (fn, tel, note) => {
        const injected = `\r\nX-INJECTED:1\n${note}\r`
        const written = newCard(
          'u',
          cardChanges({ fn: fn + injected, tel: tel + injected, note: injected, org: injected }),
        )
        const unfolded = written.replaceAll('\r\n ', '')
        expect(linesOf(unfolded).filter((line) => /^x-injected/i.test(line))).toEqual([])
        expect(linesOf(unfolded)).toHaveLength(10)
        expect(uidOf(written)).toBe('u')
      }),
    )
  })
})

describe('a changed card', () => {
  const stored = card(
    'FN:Ann Example',
    'N:Example;Ann;;;',
    'item1.EMAIL;TYPE=HOME:home@example.com',
    'item1.X-ABLabel:Home',
    'EMAIL;TYPE=WORK:work@example.com',
    'BDAY;VALUE=text:circa 1800',
    'X-CUSTOM;X=1:ba;r\\,x',
    'PHOTO;ENCODING=b;TYPE=JPEG:AAAA',
  )

  it('keeps every line that is not changed as it was', () => {
    const changed = changedCard(stored, new Map([['TITLE', 'Boss']]))
    expect(linesOf(changed)).toEqual([...linesOf(stored).slice(0, -2), 'TITLE:Boss', 'END:VCARD', ''])
  })

  it('replaces the first property by a text, all by a list, none by null', () => {
    const emails = (value: string | string[] | null) =>
      linesOf(changedCard(stored, new Map([['EMAIL', value]]))).filter((line) => line.includes('EMAIL'))
    expect(emails('new@example.com')).toEqual([
      'item1.EMAIL;TYPE=HOME:new@example.com',
      'EMAIL;TYPE=WORK:work@example.com',
    ])
    expect(emails(['a@example.com', 'b@example.com'])).toEqual(['EMAIL:a@example.com', 'EMAIL:b@example.com'])
    expect(emails(null)).toEqual([])
    expect(emails([])).toEqual([])
  })

  it('replaces a birthday of another kind', () => {
    const changed = changedCard(stored, new Map([['BDAY', '--02-03']]))
    expect(readContact(changed).birthday).toBe('--02-03')
    expect(changed).not.toContain('circa')
  })

  it('lets a name follow the full name only where it did before', () => {
    const nameAfter = (vcard: string) =>
      linesOf(changedCard(vcard, new Map([['FN', 'Ben Other']]))).filter((line) => line.startsWith('N:'))
    expect(nameAfter(stored)).toEqual(['N:Other;Ben;;;'])
    expect(nameAfter(stored.replace('N:Example;Ann;;;', 'N:Example;Ann;;Dr.;'))).toEqual([
      'N:Example;Ann;;Dr.;',
    ])
    expect(nameAfter(card('FN:x'))).toEqual(['N:Other;Ben;;;'])
  })

  it('folds long lines within characters, and reads them again', () => {
    const note = '👩‍👩‍👧ü'.repeat(40)
    const changed = changedCard(stored, new Map([['NOTE', note]]))
    expect(Math.max(...linesOf(changed).map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75)
    expect(readContact(changed).note).toBe(note)
  })

  it('is read in version 4.0 too', () => {
    const four = stored.replace('VERSION:3.0', 'VERSION:4.0')
    const changed = changedCard(four, new Map([['TEL', '+1 2']]))
    expect(readContact(changed)).toMatchObject({ tel: ['+1 2'], birthday: 'circa 1800' })
  })
})

describe('what is no card', () => {
  it.each(['', 'nonsense', 'BEGIN:VCARD', 'a;b\r\n:c\r\n\r\nBDAY:x', card('EMAIL', ';:', 'FN')])(
    'reads as empty',
    (text) => {
      expect(readContact(text)).toMatchObject({ fullname: '', email: [] })
    },
  )
})
