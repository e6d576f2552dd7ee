import { type Html, html } from './html.ts';

/**
 * Script that computes the CRC-64/NVME of a file, as S3 does (Amazon S3 User Guide, "Checking object integrity"), eight
 * bytes at a time. JavaScript's bitwise operators work on 32 bits, so each value is a pair of numbers. The script is
 * separate from the one below, so that tests can run it without a browser.
 */
export const crc64Script: Html = html`
var LOW=new Int32Array(2048),HIGH=new Int32Array(2048);
(function(){
for(var at=0;at<2048;at++){
var low=at,high=0;
if(at<256){
for(var bit=0;bit<8;bit++){
var odd=low&1;
low=low>>>1|high<<31;
high=high>>>1;
if(odd){low=low^-1404319307;high=high^-1704160471}
}
}else{
var last=LOW[at-256]&255;
low=(LOW[at-256]>>>8|HIGH[at-256]<<24)^LOW[last];
high=HIGH[at-256]>>>8^HIGH[last];
}
LOW[at]=low;
HIGH[at]=high;
}
})();
function startCrc(){return {low:-1,high:-1}}
function addToCrc(crc,bytes){
var low=crc.low,high=crc.high,whole=bytes.length>>>3,pairs=new DataView(bytes.buffer,bytes.byteOffset,bytes.length),at=0;
for(;at<whole*8;at+=8){
var a=low^pairs.getInt32(at,true),b=high^pairs.getInt32(at+4,true);
var i7=1792+(a&255),i6=1536+(a>>>8&255),i5=1280+(a>>>16&255),i4=1024+(a>>>24),i3=768+(b&255),i2=512+(b>>>8&255),i1=256+(b>>>16&255),i0=b>>>24;
low=LOW[i7]^LOW[i6]^LOW[i5]^LOW[i4]^LOW[i3]^LOW[i2]^LOW[i1]^LOW[i0];
high=HIGH[i7]^HIGH[i6]^HIGH[i5]^HIGH[i4]^HIGH[i3]^HIGH[i2]^HIGH[i1]^HIGH[i0];
}
for(;at<bytes.length;at++){
var one=(low^bytes[at])&255;
low=(low>>>8|high<<24)^LOW[one];
high=high>>>8^HIGH[one];
}
crc.low=low;
crc.high=high;
}
function endCrc(crc){
var text='';
[~crc.high,~crc.low].forEach(function(half){
for(var shift=24;shift>=0;shift-=8)text+=String.fromCharCode(half>>>shift&255);
});
return btoa(text);
}
`;

/**
 * Script of the upload page. It replaces the plain form with a list of files that are sent in parts, directly to the
 * bucket. The script can read all of its state from the server again, so a page that was closed, reloaded, or opened
 * twice continues with the parts that S3 does not have yet. Choosing the same file again resumes its upload. If another
 * tab sends the same file, parts from either tab may be refused or replaced. The script then checks again which parts
 * S3 has. Like the other scripts, it contains no page-specific values: its texts and URLs are in attributes of the
 * page.
 */
export const uploadScript: Html = html`
(function(){
var root=document.getElementById('upload');
if(!root||!window.fetch||!window.Promise||!Blob.prototype.arrayBuffer)return;
${crc64Script}
var words=JSON.parse(root.dataset.words),limits=JSON.parse(root.dataset.limits);
var list=document.getElementById('files'),picker=document.getElementById('picker'),drop=document.getElementById('drop');
var announce=document.getElementById('announce'),finish=document.getElementById('finish');
var AT_ONCE=3,SIGNED_AHEAD=10,SLICE=8388608,LONGEST_PAUSE=30000,FIRST_WAIT=2000;
var entries=[],counting=Promise.resolve();

function call(path,body){
body.token=root.dataset.token;
return fetch(root.dataset.origin+path,{method:'POST',headers:{'content-type':'application/json',accept:'application/json'},body:JSON.stringify(body)}).then(function(answer){
return answer.text().then(function(text){
var json=text?JSON.parse(text):{};
if(answer.ok)return json;
throw {code:json.code||'internal_error',wait:Number(answer.headers.get('retry-after'))||0};
});
});
}
function isPassing(error){return !error.code||error.code==='unavailable'||error.code==='internal_error'||error.code==='quota_exceeded'}
function pause(milliseconds){return new Promise(function(done){setTimeout(done,milliseconds)})}
function online(){
if(navigator.onLine!==false)return Promise.resolve();
return new Promise(function(done){addEventListener('online',function(){done()},{once:true})});
}
function again(entry,work){
var tried=0;
function once(){
return work().catch(function(error){
if(entry&&entry.stopped)throw error;
if(!isPassing(error)||tried>=100)throw error;
tried++;
if(entry)show(entry,words.waiting);
return pause(Math.max((error.wait||0)*1000,Math.min(LONGEST_PAUSE,500*Math.pow(2,Math.min(tried,8)))*(0.5+Math.random()/2))).then(online).then(once);
});
}
return once();
}
function size(bytes){
var units=['byte','kilobyte','megabyte','gigabyte','terabyte'],step=0;
while(Math.round(bytes*10)/10>=1000&&step<4){bytes/=1000;step++}
return new Intl.NumberFormat(document.documentElement.dataset.locale,{style:'unit',unit:units[step],unitDisplay:step?'short':'long',maximumFractionDigits:1}).format(bytes);
}
function element(tag,text){var made=document.createElement(tag);if(text)made.textContent=text;return made}
function button(text,name,press){
var made=element('button',text);
made.type='button';made.className='quiet';
made.setAttribute('aria-label',text+' '+name);
made.addEventListener('click',press);
return made;
}
function row(entry){
var item=element('li'),name=element('bdi',entry.name),facts=element('span',entry.size===undefined?'':size(entry.size));
entry.item=item;
entry.bar=element('progress');
entry.bar.max=1;entry.bar.value=0;
entry.bar.setAttribute('aria-label',entry.name);
entry.status=element('span');
entry.status.className='state';
entry.buttons=element('span');
entry.buttons.className='buttons';
facts.className='hint';
[name,facts,entry.bar,entry.status,entry.buttons].forEach(function(part){item.appendChild(part)});
list.appendChild(item);
}
function show(entry,text,done){
entry.status.textContent=text;
entry.bar.hidden=entry.settled===true;
if(done!==undefined)entry.bar.value=done;
}
function controls(entry){
entry.buttons.textContent='';
if(entry.sending)entry.buttons.appendChild(button(words.pause,entry.name,function(){halt(entry)}));
if(entry.stopped&&entry.file)entry.buttons.appendChild(button(words.resume,entry.name,function(){entry.stopped=false;send(entry)}));
if(!entry.settled||entry.failed)entry.buttons.appendChild(button(words.remove,entry.name,function(){remove(entry)}));
ready();
}
function say(name,text){
if(announce.textContent===name+': '+text)return;
announce.textContent='';
announce.appendChild(element('bdi',name));
announce.appendChild(document.createTextNode(': '+text));
}
function ready(){
var sent=entries.some(function(entry){return entry.sent}),half=entries.some(function(entry){return !entry.sent&&!entry.failed});
if(!sent||half)finish.setAttribute('aria-disabled','true');else finish.removeAttribute('aria-disabled');
picker.disabled=entries.filter(function(entry){return !entry.failed&&(entry.file||entry.settled)}).length>=limits.files;
}
function halt(entry){
entry.stopped=true;entry.sending=false;
entry.requests.forEach(function(request){request.abort()});
show(entry,words.paused);
controls(entry);
}
function remove(entry){
halt(entry);
var gone=Promise.resolve(entry.job).then(function(){if(entry.uploadId)return again(null,function(){return call('/upload/remove',{uploadId:entry.uploadId})})});
gone.then(function(){
entries.splice(entries.indexOf(entry),1);
list.removeChild(entry.item);
announce.textContent=words.removed+' ';
announce.appendChild(element('bdi',entry.name));
ready();
picker.focus();
},function(){show(entry,words.notRemoved)});
}
function checksum(entry){
var crc=startCrc(),at=0;
function next(){
if(entry.stopped)throw {code:'stopped'};
if(at>=entry.file.size)return endCrc(crc);
return entry.file.slice(at,at+SLICE).arrayBuffer().then(function(bytes){
addToCrc(crc,new Uint8Array(bytes));
at+=SLICE;
show(entry,words.reading,Math.min(1,at/entry.file.size));
return next();
});
}
return Promise.resolve().then(next);
}
function put(entry,part,blob){
return new Promise(function(done,failed){
var request=new XMLHttpRequest();
entry.requests.push(request);
request.open(part.method,part.url);
Object.keys(part.headers).forEach(function(name){
if(name.toLowerCase()!=='content-length')request.setRequestHeader(name,part.headers[name]);
});
request.upload.onprogress=function(event){entry.loaded[part.partNumber]=event.loaded;progress(entry)};
request.onloadend=function(){
entry.requests.splice(entry.requests.indexOf(request),1);
if(request.status>=200&&request.status<300){entry.loaded[part.partNumber]=part.size;progress(entry);done();return}
entry.loaded[part.partNumber]=0;
failed({status:request.status,code:request.status===403?undefined:request.status>=400&&request.status<500?'part_refused':undefined});
};
request.send(blob);
});
}
function progress(entry){
var sum=0;
Object.keys(entry.loaded).forEach(function(number){sum+=entry.loaded[number]});
var share=Math.min(1,sum/entry.size);
show(entry,words.sending.replace('{percent}',new Intl.NumberFormat(document.documentElement.dataset.locale,{style:'percent'}).format(share)),share);
}
function sendParts(entry,view,run){
var missing=[],signed={},size=view.partSize;
for(var number=1;number<=view.partCount;number++)if(!entry.loaded[number])missing.push(number);
function sign(number){
var wanted=[number].concat(missing.filter(function(other){return !signed[other]})).slice(0,SIGNED_AHEAD);
return call('/upload/parts',{uploadId:entry.uploadId,partNumbers:wanted}).then(function(answer){
answer.parts.forEach(function(part){signed[part.partNumber]=part});
});
}
function sendPart(number){
return (signed[number]?Promise.resolve():sign(number)).then(function(){
if(entry.stopped||entry.run!==run)throw {code:'stopped'};
var part=signed[number];
delete signed[number];
return put(entry,part,entry.file.slice((number-1)*size,number*size));
});
}
function worker(){
if(entry.stopped||entry.run!==run)throw {code:'stopped'};
var number=missing.shift();
if(number===undefined)return;
return again(entry,function(){return sendPart(number)}).then(worker);
}
progress(entry);
var workers=[];
for(var count=0;count<AT_ONCE;count++)workers.push(Promise.resolve().then(worker));
return Promise.all(workers);
}
function known(view,entry){
entry.uploadId=view.uploadId;
entry.loaded={};
(view.storedParts||[]).forEach(function(range){
for(var number=range[0];number<=range[1];number++)entry.loaded[number]=number<view.partCount?view.partSize:view.size-view.partSize*(view.partCount-1);
});
}
function settle(entry,view){
var good=view.state==='uploaded'||view.state==='published'||view.state==='clean'||view.state==='finalized'||view.state==='parked';
entry.sending=false;
entry.sent=good;
entry.failed=view.state==='rejected'||view.state==='expired';
entry.settled=good||entry.failed;
show(entry,entry.failed?words.refused[view.reason]||words.refused.other:view.state==='published'?words.received:words.checking,1);
controls(entry);
if(good&&view.state!=='published'){
entry.wait=Math.min(LONGEST_PAUSE,(entry.wait||FIRST_WAIT)*1.5);
setTimeout(function(){poll(entry)},entry.wait);
}
}
function conclude(entry,view){
settle(entry,view);
say(entry.name,entry.status.textContent);
}
function poll(entry){
if(entries.indexOf(entry)<0)return;
call('/upload/files',{}).then(function(answer){
var view=answer.files.filter(function(file){return file.uploadId===entry.uploadId})[0];
if(view)conclude(entry,view);
},function(){setTimeout(function(){poll(entry)},LONGEST_PAUSE)});
}
function finalize(entry){
return again(entry,function(){return call('/upload/finalize',{uploadId:entry.uploadId})});
}
function attempt(entry,run){
return again(entry,function(){return call('/upload/open',{fileName:entry.name,size:entry.size,type:entry.type,crc64nvme:entry.crc})}).then(function(view){
known(view,entry);
if(view.state==='uploaded'||view.state==='clean')return finalize(entry);
if(view.state!=='created')return view;
return sendParts(entry,view,run).then(function(){
show(entry,words.finishing,1);
return finalize(entry);
});
});
}
function send(entry){
var run=entry.run=(entry.run||0)+1,left=5;
entry.sending=true;entry.stopped=false;entry.failed=false;
controls(entry);
function recover(error){
if(entry.stopped||entry.run!==run||left--<1||['part_refused','upload_ended','upload_incomplete'].indexOf(error.code)<0)throw error;
return pause(1000).then(function(){return error.code==='upload_incomplete'?attempt(entry,run):finalize(entry)}).catch(recover);
}
var job=counting.then(function(){return entry.crc||checksum(entry)}).then(function(crc){entry.crc=crc});
counting=job.catch(function(){});
entry.job=job.then(function(){
return attempt(entry,run);
}).catch(recover).then(function(view){if(entry.run===run)conclude(entry,view)}).catch(function(error){
if(entry.stopped||entry.run!==run)return;
entry.sending=false;entry.failed=true;
show(entry,words.errors[error.code]||words.errors.other);
controls(entry);
say(entry.name,entry.status.textContent);
});
}
function typeOf(file){
var ending=(/[^.]+$/.exec(file.name)||[''])[0].toLowerCase();
return limits.endings[ending]||file.type.split(';')[0].toLowerCase();
}
function add(files){
Array.prototype.forEach.call(files,function(file){
var type=typeOf(file),known=entries.filter(function(entry){return entry.name===file.name&&entry.size===file.size})[0];
var problem=entries.filter(function(entry){return !entry.failed}).length>=limits.files&&!known?words.errors.too_many:file.size===0?words.errors.empty:file.size>limits.bytes?words.errors.upload_too_large:limits.types.indexOf(type)<0?words.errors.type_not_allowed:'';
if(problem){say(file.name,problem);return}
if(known&&(known.sending||known.sent))return;
var entry=known||{name:file.name,size:file.size,type:type,requests:[],loaded:{}};
entry.file=file;entry.crc='';
if(!known){entries.push(entry);row(entry)}
send(entry);
});
}
picker.addEventListener('change',function(){add(picker.files);picker.value=''});
['dragenter','dragover'].forEach(function(kind){drop.addEventListener(kind,function(event){event.preventDefault();drop.classList.add('over')})});
['dragleave','drop'].forEach(function(kind){drop.addEventListener(kind,function(event){event.preventDefault();drop.classList.remove('over')})});
drop.addEventListener('drop',function(event){if(event.dataTransfer)add(event.dataTransfer.files)});
finish.addEventListener('click',function(event){if(finish.hasAttribute('aria-disabled')){event.preventDefault();announce.textContent=words.notYet}});
addEventListener('beforeunload',function(event){if(entries.some(function(entry){return entry.sending}))event.preventDefault()});
document.getElementById('plain').hidden=true;
document.getElementById('sent').hidden=true;
root.hidden=false;
again(null,function(){return call('/upload/files',{})}).then(function(answer){
answer.files.forEach(function(view){
var isForm=view.size===undefined;
if(isForm&&view.state==='created'||entries.some(function(entry){return entry.file&&entry.name===view.fileName&&entry.size===view.size}))return;
var entry={name:view.fileName,size:view.size,type:view.type,requests:[],loaded:{}};
entries.push(entry);
row(entry);
known(view,entry);
if(view.state==='created'||(view.state==='uploaded'||view.state==='clean')&&!isForm){entry.stopped=true;progress(entry);show(entry,words.chooseAgain);controls(entry)}else settle(entry,view);
});
ready();
},function(error){announce.textContent=words.errors[error.code]||words.errors.other});
ready();
})();
`;
