import { createServer } from 'node:http'

/** Takes every batch and answers as a control plane does; everything else is not there yet. The bytes are not looked at. */
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    if (request.method !== 'POST') {
      response.writeHead(503, { 'retry-after': '600' }).end()
      return
    }
    const { searchParams } = new URL(request.url, 'http://sink')
    const receipt = { batch_id: searchParams.get('batch_id'), accepted: Number(searchParams.get('events')) }
    const body = JSON.stringify({ ...receipt, duplicate: false })
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit(0))
